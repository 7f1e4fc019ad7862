"""Rules on what was found in public or stands on a device: bystanders stay out, and a film has a holder."""

from __future__ import annotations

from typing import Final

from services.law.operations import OperationClass
from services.law.rules.registry import NOT_DELETE, rule
from services.law.rules.scene import Scene, said
from services.law.rules.when import with_source
from services.law.texts import Text
from services.law.verdict import Block, Finding

OBJECT_HASH: Final = "urn:sha256:"
"""How ``reference`` names a media object: by what is in it, so that every copy has the same name."""

_HOLDING: Final[tuple[OperationClass, ...]] = tuple(c for c in NOT_DELETE if c != "restrict")
_OPEN_SOURCE: Final = "open-source"
_BYSTANDER: Final = "bystander"


@rule(
    "bystander-open-source",
    "collect",
    block=Block.NECESSITY,
    norms=("avg-5-1-c", "wbp-11"),
    requirements=("S44",),
    when=with_source,
    message=Text(
        "Uit een open bron zijn ook gegevens van een omstander verzameld, zoals van iemand die alleen reageerde.",
        "Data of a bystander were collected from an open source too, such as of somebody who only reacted.",
    ),
    remedy=Text(
        "Laat omstanders weg en wis wat van hen is verzameld, of schrijf op waarom het moet.",
        "Leave bystanders out and erase what was collected of them, or write in justification.override why it must be.",
    ),
)
def bystander_open_source(scene: Scene) -> Finding | None:
    """AVG 5(1)(c): whoever only looked, liked or stood by is left out of what is taken from open sources."""
    source = scene.act.source
    if source is None or source.kind != _OPEN_SOURCE:
        return None
    justification = scene.act.justification
    if justification is not None and said(justification.override):
        return None
    return scene.found_for("bystander-open-source", lambda person: person.status == _BYSTANDER)


@rule(
    "media-device-missing",
    *_HOLDING,
    block=Block.CARE,
    norms=("avg-5-2", "avg-32", "wbp-13"),
    requirements=("S45",),
    message=Text(
        "Een opname is vastgelegd zonder het toestel of systeem waarop zij staat.",
        "A recording was booked without the device or system that it stands on.",
    ),
    remedy=Text(
        "Noem het toestel of systeem, ook als het een eigen telefoon is; leg het wissen daar later ook vast.",
        "Fill in system.name, also when it is a phone of one's own; record its deletion there later too.",
    ),
)
def media_device_missing(scene: Scene) -> Finding | None:
    """AVG 5(2), 32: a media object that is named by its hash has a device, or nobody can attest its deletion."""
    reference = scene.act.reference
    if reference is None or not reference.startswith(OBJECT_HASH):
        return None
    system = scene.act.system
    return None if system is not None and said(system.name) else scene.found("media-device-missing")
