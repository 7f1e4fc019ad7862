"""``grootboek covenants``: covenants in files, before anybody registers them."""
