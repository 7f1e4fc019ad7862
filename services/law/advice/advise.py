"""May I share this? Everything besides the verdict, from one act and what whoever asks may know."""

from __future__ import annotations

from collections.abc import Sequence

from services.law.act import Act
from services.law.advice.explain import explain_answer, explain_findings
from services.law.advice.governs import governs
from services.law.advice.keep import keep
from services.law.advice.notes import NoteScene, find_notes
from services.law.advice.shapes import Advice
from services.law.advice.tell import tell
from services.law.assessment import assess_recipients
from services.law.context import Context, SubjectFacts
from services.law.covenants.what_if import what_if
from services.law.rules.scene import Scene
from services.law.verdict import Verdict


def advise(
    act: Act,
    context: Context,
    verdict: Verdict,
    names: Sequence[str],
    known: Sequence[SubjectFacts | None] | None = None,
) -> Advice:
    """Advice on the act that was judged ``verdict`` in ``context``; pure, so nothing is stored by asking.

    ``names``: how the answer calls the act's persons, in their order. ``known``: of each the facts that whoever asks
    may know (``knowable_to``); None when nothing. The facts of ``context`` serve the verdict only.
    """
    scene = Scene(act, context)
    view, norms = scene.view, context.register.norms
    answers = assess_recipients(act, context)
    told = tell(act, context, known, names)
    return Advice(
        recipients=tuple(explain_answer(answer, verdict.outcome, view, norms) for answer in answers),
        explanations=explain_findings(verdict, names, view, norms),
        governs=governs(scene, names),
        tell=told,
        keep=keep(act, context.register, known, names),
        notes=find_notes(NoteScene(scene, answers, told, tuple(names))),
        other_regimes=what_if(act, context),
    )
