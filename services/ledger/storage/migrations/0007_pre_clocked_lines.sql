-- What starts a statutory clock: exemptions (7), access requests (11) and breaches (13). Few among all lines, and asked
-- for newest first.
CREATE INDEX dossier_line_clocked ON projection.dossier_line (lane, position) WHERE kind IN (7, 11, 13);
