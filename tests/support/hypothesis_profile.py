"""How Hypothesis behaves here: no deadlines, since a slow machine is not a wrong answer."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("grootboek", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("grootboek")
