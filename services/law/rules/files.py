"""The rule on a youth-care or social-support file: it is kept for its term, unless the person asks that it goes."""

from __future__ import annotations

from services.law.act import Subject
from services.law.context import PastAct
from services.law.file_terms import ON_REQUEST, RULE_BY_SECRECY, file_term
from services.law.local_time import amsterdam_day
from services.law.operations import HOLDING_CLASSES
from services.law.precedence import FileRule
from services.law.rules.care import SELECTION_RESULT
from services.law.rules.registry import rule
from services.law.rules.scene import Scene
from services.law.texts import Text
from services.law.verdict import Block, Finding


@rule(
    "file-destroyed-early",
    "delete",
    block=Block.CARE,
    norms=("jw-7-3-8", "jw-7-3-9", "wmo-5-3-4"),
    requirements=("S76",),
    message=Text(
        "Dit dossier moet langer worden bewaard (Jeugdwet 7.3.8, Wmo 5.3.4), en toch wordt het vernietigd.",
        "This file must be kept longer (Jeugdwet 7.3.8, Wmo 5.3.4), and yet it is destroyed.",
    ),
    remedy=Text(
        "Vroeg de persoon erom, noem dan Jeugdwet 7.3.9 of Wmo 5.3.5; bewaar het anders tot de termijn om is.",
        "If the person asked for it, name Jeugdwet 7.3.9 or Wmo 5.3.5; otherwise keep it until its term is over.",
    ),
)
def file_destroyed_early(scene: Scene) -> Finding | None:
    """Jeugdwet 7.3.8(3), Wmo 5.3.4: kept for its term, save at the person's request (Jeugdwet 7.3.9, Wmo 5.3.5)."""
    kept = None if scene.controller is None else RULE_BY_SECRECY.get(scene.controller.secrecy)
    if kept is None or scene.act.covenant is not None or not scene.view.in_force((kept,)):
        return None
    if scene.statute is not None and (scene.statute.number, scene.statute.article) in ON_REQUEST:
        return None
    if scene.decision is not None and scene.decision.kind == SELECTION_RESULT:
        return None
    return scene.found_for("file-destroyed-early", lambda person: _must_be_kept(scene, person, kept))


def _must_be_kept(scene: Scene, subject: Subject, kept: FileRule) -> bool:
    facts = scene.facts_of(subject)
    if facts is None:
        return False
    own = (past for past in facts.acts if past.occurred_at <= scene.act.occurred_at and _is_own_file(scene, past))
    return any(file_term(kept, amsterdam_day(past.occurred_at)).ends >= scene.view.day for past in own)


def _is_own_file(scene: Scene, past: PastAct) -> bool:
    """Whether a past act wrote in the file that goes now, in whole or in part."""
    if past.controller != scene.act.controller or past.covenant is not None:
        return False
    if past.operation_class not in HOLDING_CLASSES:
        return False
    gone = scene.act.data_categories
    return not gone or not set(gone).isdisjoint(past.data_categories)
