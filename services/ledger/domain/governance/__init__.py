"""Governance as event-sourced aggregates: who, under which covenant, decision, mandate, activity and purpose."""
