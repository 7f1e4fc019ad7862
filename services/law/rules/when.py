"""When a rule can apply at all, asked once per act for all rules that share the condition.

Most acts state none of what such rules are about; then they cost nothing.
"""

from __future__ import annotations

from services.law.rules.scene import Scene
from services.law.sensitive_categories import kinds_of


def justified(scene: Scene) -> bool:
    """The act accounts for something beyond the four blocks."""
    return scene.act.justification is not None


def with_actor(scene: Scene) -> bool:
    """The act says who did it, or in which role; or another did it for the controller, by mandate or as processor."""
    act = scene.act
    return act.actor is not None or act.processor is not None or scene.context.mandatary is not None


def with_source(scene: Scene) -> bool:
    """The act says where the data came from."""
    return scene.act.source is not None


def on_police_data(scene: Scene) -> bool:
    """The data are under a regime of the Wpg."""
    return scene.police_data


def leaving_out_whom_or_what(scene: Scene) -> bool:
    """The act names no recipient, or no category of data."""
    return not (scene.act.recipients and scene.act.data_categories)


def on_sensitive_data(scene: Scene) -> bool:
    """Some of the data are special or may be criminal (AVG 9 and 10)."""
    return bool(kinds_of(scene.act.data_categories))
