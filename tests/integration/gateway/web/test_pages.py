"""The pages as a person without scripts walks through them, before a ledger that answers in every part."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.gateway.web.session import COOKIE
from services.law.act import CovenantReference, Source, System
from services.law.governance import Acknowledgement
from services.ledger.contract.errors import IdempotencyConflict, LedgerBusy
from services.runtime import limits
from services.runtime.clock import FakeClock
from services.runtime.errors import FieldError, GrootboekError, Rejected
from tests.support.page_ledger import MARKUP
from tests.support.page_member import BSN, QUESTION, TALK, Member


@pytest.fixture
def member() -> Member:
    """Somebody who has signed in."""
    return Member().sign_in()


def test_the_start_page_is_for_everybody_and_says_what_this_is() -> None:
    """Without signing in one reads what this is, in Dutch, and finds the way in."""
    visitor = Member()
    answer = visitor.open("/")
    assert answer.status_code == 200
    assert '<html lang="nl">' in answer.text
    assert {"/mag-dit", "/vastleggen", "/openapi.json"} <= set(visitor.page.links)
    assert "Het gaat om uw gegevens" in visitor.text


@pytest.mark.parametrize("path", ["/mag-dit", "/vastleggen"])
def test_who_has_not_signed_in_is_asked_to(path: str) -> None:
    """The pages for members lead to the sign-in page, and nothing is asked of the ledger."""
    visitor = Member()
    assert "Aanmelden" in visitor.open(path).text
    assert visitor.ledger.asked == []


def test_signing_in_leads_to_the_question(member: Member) -> None:
    """After signing in the form stands there, with one's partners first and without oneself."""
    assert member.answer.status_code == 200
    assert "Mag dit?" in member.text
    assert "Politie" in member.text
    assert "Burgemeester van Middelstad" not in member.text


@pytest.mark.parametrize(
    ("staff", "said"), [("Jan Jansen", "Geen naam en geen BSN"), ("r-104", "Deze sleutel werkt niet")]
)
def test_a_wrong_sign_in_says_what_is_wrong(staff: str, said: str) -> None:
    """The fault stands at its field; a name is not shown back, and no cookie is given."""
    visitor = Member()
    visitor.open("/aanmelden")
    answer = visitor.press("sign-in", staff=staff, token="nonsense")
    assert answer.status_code == 400
    assert said in visitor.text
    assert "Jansen" not in answer.text
    assert COOKIE not in visitor.cookies


def test_signing_out_ends_the_session(member: Member) -> None:
    """The cookie goes, and the pages ask to sign in again."""
    (leave,) = [form for form in member.page.forms if form.action == "/afmelden"]
    member.post("/afmelden", leave.pairs)
    assert COOKIE not in member.cookies
    assert "Aanmelden" in member.open("/mag-dit").text


def test_the_answer_says_all_that_is_to_be_known(member: Member) -> None:
    """Per recipient yes or no and why, what is missing with its norm and remedy, covenant, telling, keeping, notes."""
    assert member.press("ask", **QUESTION).status_code == 200
    for said in (
        "Dit mag u delen",
        "Partner met een taak.",
        "Dit mag u zo niet delen",
        "De school heeft geen grond.",
        "Neem een besluit op grond van de Wpg.",
        "De noodzaak ontbreekt.",
        "Schrijf op waarom het nodig is.",
        "Gemeentewet 172",
        "AVG 5(1)(c)",
        "tekst niet nagelezen",
        "De woonplaats valt eronder.",
        "dorp-b",
        "Vertel het de persoon.",
        "De bijlage: drie maanden.",
        "De wet: twee jaar.",
        "Vrij te gebruiken.",
        "De school doet niet mee.",
        "Stroming 1",
    ):
        assert said in member.text, said


def test_the_page_asks_what_the_api_would(member: Member) -> None:
    """One question to the ledger, by the party of the session, with the act of the form and no key kept anywhere."""
    member.press("ask", **QUESTION)
    ((caller, arguments),) = [(caller, each) for name, caller, each in member.ledger.asked if name == "assess"]
    (act,) = arguments
    assert caller is not None
    assert (caller.party, act.controller, act.actor.id) == ("burgemeester", "burgemeester", "r-104")
    assert [one.party for one in act.recipients] == ["politie", "school"]
    assert act.occurred_at == datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
    assert member.ledger.submissions == []


def test_a_no_for_one_is_no_no_for_all(member: Member) -> None:
    """Where answers differ the page says so, and asks anew for only those who may have it."""
    member.press("ask", **QUESTION)
    assert "Dat verschilt per organisatie." in member.text
    (form,) = [
        each
        for each in member.page.forms
        if ("party", "politie") in each.pairs and ("party", "school") not in each.pairs
    ]
    member.post(form.action, [*form.pairs, ("step", "ask")])
    asked = [arguments[0] for name, _, arguments in member.ledger.asked if name == "assess"]
    assert [one.party for one in asked[-1].recipients] == ["politie"]
    assert "Er ontbreekt nog iets." in member.text
    assert "Dat verschilt per organisatie." not in member.text


@pytest.mark.parametrize(
    ("parties", "said"), [(["politie"], "Ja, dit mag."), (["school"], "Nee, zo mag het niet."), ([], "Ja, dit mag.")]
)
def test_one_answer_for_all_is_said_at_once(member: Member, parties: list[str], said: str) -> None:
    """With one answer, or no recipient at all, the outcome of the whole act stands at the top."""
    member.press("ask", **{**QUESTION, "party": parties, "proportionality": "Nodig."})
    assert said in member.text


def test_another_covenant_can_be_asked_about_at_once(member: Member) -> None:
    """Beside the one that was named stands each other candidate, with why it is one and a button that asks with it."""
    member.press("ask", **QUESTION)
    assert "Plaats." in member.text
    (form,) = [each for each in member.page.forms if ("covenant", "dorp-b") in each.pairs]
    member.post(form.action, [*form.pairs, ("step", "ask")])
    first, second = [arguments[0] for name, _, arguments in member.ledger.asked if name == "assess"]
    assert (first.covenant.id, second.covenant.id) == ("veiligheidshuis", "dorp-b")
    assert (first.subjects, first.recipients, first.occurred_at) == (
        second.subjects,
        second.recipients,
        second.occurred_at,
    )


def test_a_ledger_in_another_process_answers_the_same_page() -> None:
    """Between processes nothing of an answer, a card or a receipt is lost."""
    pages = []
    for apart in (False, True):
        member = Member(apart=apart).sign_in()
        member.press("ask", **QUESTION)
        answer = member.text
        member.press("read")
        member.press("record")
        assert "Vastgelegd" in member.text
        pages.append((answer, member.text))
    assert pages[0] == pages[1]


def test_a_gap_of_one_of_several_persons_says_whose(member: Member) -> None:
    """Persons are told by their place in the question; their numbers are in no answer."""
    member.press("ask", **{**QUESTION, "person": f"{BSN} 999990020"})
    assert "persoon 1, 2" in member.text


def test_recording_the_answered_question_twice_is_recording_it_once(member: Member) -> None:
    """The key and the moment were fixed with the answer: a second press sends the same act under the same key."""
    member.press("ask", **QUESTION)
    answered = member.page
    member.clock.advance(seconds=600)
    member.press("record")
    assert "Vastgelegd" in member.text
    member.page = answered
    member.press("record")
    first, second = member.ledger.submissions
    assert (first.key, first.canonical) == (second.key, second.canonical)


def test_a_question_without_a_moment_is_about_now_by_the_clock_of_the_ledger(member: Member) -> None:
    """A scenario has a time of its own, in which an act of the wall's time would lie ahead or come late."""
    member.ledger.clock = FakeClock(datetime(2027, 1, 22, 10, 0, 30, tzinfo=UTC))
    member.press("ask", **QUESTION)
    member.press("record")
    assert member.recorded[-1].occurred_at == datetime(2027, 1, 22, 10, 0, tzinfo=UTC)


def test_the_question_can_be_changed(member: Member) -> None:
    """Going back shows the form as it was filled in."""
    member.press("ask", **QUESTION)
    member.press("edit")
    (form,) = [each for each in member.page.forms if each.action == "/mag-dit"]
    assert ("person", BSN) in form.pairs
    assert [value for name, value in form.pairs if name in {"party", "other_party"}] == ["politie", "school"]


def test_who_may_only_read_can_ask_and_not_record() -> None:
    """Without the scope there are no buttons."""
    reader = Member().sign_in(scope="processing:read")
    reader.press("ask", **QUESTION)
    assert "Lees deze afspraak" in reader.text
    for step in ("record", "read"):
        with pytest.raises(AssertionError, match="no button"):
            reader.press(step)
    assert "/vastleggen" not in reader.page.links
    assert reader.open("/vastleggen").status_code == 403


@pytest.mark.parametrize("path", ["/mag-dit", "/vastleggen"])
@pytest.mark.parametrize("step", ["record", "read"])
def test_a_form_made_by_hand_records_nothing_without_the_scope(path: str, step: str) -> None:
    """The API asks ``processing:write`` at its door; a page asks it too, for the ledger itself does not."""
    reader = Member().sign_in(scope="processing:read")
    (form,) = [each for each in reader.page.forms if each.identity == "act"]
    made = [pair for pair in form.filled({**QUESTION}) if pair[0] != "key"]
    more = [("key", "made-by-hand"), ("moment", "2026-05-03T10:55"), ("then", "record"), ("step", step)]
    card = [("card_covenant", "veiligheidshuis"), ("card_version", "2")]
    assert reader.post(path, [*made, *more, *card]).status_code == 403
    assert "uw sleutel mag dit niet" in reader.text
    assert not {"record", "register"} & set(reader.ledger.names)


def test_the_card_is_shown_until_it_is_read(member: Member) -> None:
    """On first use the covenant stands there in plain words; read once, it is not shown to this reader again."""
    member.press("ask", **QUESTION)
    assert "Lees deze afspraak" in member.text
    assert "Groepen helpen." in member.text
    member.press("read")
    assert "Lees deze afspraak" not in member.text
    assert "De woonplaats valt eronder." in member.text
    (entry,) = [arguments[0] for name, _, arguments in member.ledger.asked if name == "register"]
    assert isinstance(entry, Acknowledgement)
    assert (entry.party, entry.reader, entry.covenant, entry.version) == ("burgemeester", "r-104", "veiligheidshuis", 2)
    member.sign_in(staff="r-105")
    member.press("ask", **QUESTION)
    assert "Lees deze afspraak" in member.text


def test_a_reading_of_no_version_is_rejected(member: Member) -> None:
    """A form made by hand cannot write a reading of what is no version."""
    member.press("ask", **QUESTION)
    assert member.press("read", card_version="two").status_code == 400
    assert "register" not in member.ledger.names


def test_the_quick_log_records_with_few_fields(member: Member) -> None:
    """Who, about whom, what and why: all else was filled in beforehand, the covenant too where there is only one."""
    member.open("/vastleggen")
    assert member.press("record", **TALK).status_code == 200
    (act,) = member.recorded
    assert (act.system, act.covenant) == (
        System(name="telephone"),
        CovenantReference(id="veiligheidshuis", annex="jeugdgroepen"),
    )
    assert (act.operation, act.tense) == ("disclose-by-transmission", "fact")
    assert act.occurred_at == datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
    assert "Vastgelegd. Alles is in orde." in member.text
    assert "Late vastlegging" not in member.text


def test_sending_the_quick_log_twice_records_it_once(member: Member) -> None:
    """The key and the moment stand in the form."""
    member.open("/vastleggen")
    form = member.page
    for _ in range(2):
        member.page = form
        member.press("record", **TALK)
        member.clock.advance(seconds=90)
    first, second = member.ledger.submissions
    assert (first.key, first.canonical) == (second.key, second.canonical)


@pytest.mark.parametrize(
    ("moment", "mark"),
    [("2026-05-03T10:55", None), ("2026-05-03T09:00", "Later vastgelegd"), ("2026-04-28T11:00", "Late vastlegging")],
)
def test_a_late_entry_is_marked_and_both_moments_are_kept(member: Member, moment: str, mark: str | None) -> None:
    """When it happened and when it was written down stand side by side; late is what the ledger calls late."""
    member.open("/vastleggen")
    member.press("record", **TALK, moment=moment)
    marks = [each for each in ("Later vastgelegd", "Late vastlegging") if each in member.text]
    assert marks == ([mark] if mark else [])
    assert "3 mei 2026, 11:00" in member.text


def test_the_quick_log_can_ask_first(member: Member) -> None:
    """The same fields are a question too, and nothing is recorded."""
    member.open("/vastleggen")
    member.press("ask", **TALK)
    assert "Antwoord" in member.text
    assert member.ledger.submissions == []


def test_data_that_came_in_have_a_source(member: Member) -> None:
    """What was told to us is collected, from the one who told it."""
    member.open("/vastleggen")
    member.press("record", **TALK, operation="collect")
    (act,) = member.recorded
    assert (act.operation, act.source, act.recipients) == ("collect", Source(kind="party", party="politie"), ())


@pytest.mark.parametrize("path", ["/mag-dit", "/vastleggen"])
def test_a_fault_stands_at_its_field_and_the_rest_stays_filled_in(member: Member, path: str) -> None:
    """What the ledger rejects is told above the form and at the field, tied to it, in the reader's language."""
    fault = FieldError(pointer="/subjects/0/id", code="bsn-invalid", message="No number.", remedy="Look again.")
    other = FieldError(pointer="/controller", code="never-heard-of", message="Some fault.", remedy="Mend it.")
    member.open(path)
    step = "ask" if path == "/mag-dit" else "record"
    rejected = Rejected((fault, other))
    member.ledger.failing_verbs = {"assess": rejected, "record": rejected}
    answer = member.press(step, **{**TALK, "party": ["politie"]})
    assert answer.status_code == 400
    assert member.text.count("Dit is geen goed BSN.") == 2
    assert "Dit klopt niet. Kijk het na." in member.text
    assert 'aria-invalid="true"' in answer.text
    assert "person-fault-1" in answer.text
    assert "<title>Fout:" in answer.text
    (form,) = [each for each in member.page.forms if each.identity == "act"]
    assert ("person", BSN) in form.pairs


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [(IdempotencyConflict(), 409, "Begin een nieuw formulier"), (LedgerBusy(), 503, "Er ging iets mis")],
)
def test_what_the_ledger_refuses_is_said_in_words(
    member: Member, error: GrootboekError, status: int, said: str
) -> None:
    """A problem becomes a page with its code for the administrator, and the headers that the API would send."""
    member.open("/vastleggen")
    member.ledger.failing_verbs = {"record": error}
    answer = member.press("record", **TALK)
    assert answer.status_code == status
    assert said in member.text
    assert answer.headers["content-type"].startswith("text/html")
    assert ("retry-after" in answer.headers) is (status == 503)


@pytest.mark.parametrize("verb", ["record", "list_register"])
def test_what_failed_half_way_can_be_sent_again_under_its_key(member: Member, verb: str) -> None:
    """Whether it was stored nobody knows then, so the page offers the same form, and not a new one with a new key."""
    member.open("/vastleggen")
    member.ledger.failing_verbs = {verb: LedgerBusy()}
    assert member.press("record", **TALK).status_code == 503
    member.ledger.failing_verbs = {}
    member.clock.advance(seconds=90)
    (again,) = [each for each in member.page.forms if each.action == "/vastleggen"]
    assert member.post(again.action, again.pairs).status_code == 200
    assert "Vastgelegd." in member.text
    first = dict(again.pairs)
    assert {each.key for each in member.ledger.submissions} == {first["key"]}
    assert len({each.canonical for each in member.ledger.submissions}) == 1


def test_more_questions_than_a_party_may_ask_are_refused(member: Member) -> None:
    """The page and the API draw from one bucket: what was asked there counts here."""
    rates = member.app._direct["/mag-dit"]._services.rates
    for _ in range(int(limits.ASSESSMENTS_BURST_MAX)):
        rates.take("burgemeester")
    assert member.press("ask", **QUESTION).status_code == 429
    assert "Wacht even" in member.text
    assert "assess" not in member.ledger.names


@pytest.mark.parametrize(("form", "said"), [("act", "May I do this?"), ("again", "You may share this")])
def test_another_language_keeps_what_was_filled_in(member: Member, form: str, said: str) -> None:
    """The switch sends the form along: the same page in English, and English from then on."""
    if form == "again":
        member.press("ask", **QUESTION)
    member.switch_language(form, "en")
    assert '<html lang="en">' in member.answer.text
    assert said in member.text
    assert "Grootboek keeps who does what" in member.open("/").text
    assert member.ledger.submissions == []


def test_a_language_can_be_chosen_by_a_link() -> None:
    """A page without a form has a link; the choice is kept in a cookie and leaves the address."""
    visitor = Member()
    assert "/?language=en" in visitor.open("/").text
    answer = visitor.ask("GET", "/?language=en", follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert '<html lang="en">' in visitor.open("/").text
    visitor.open("/?language=xx")
    assert '<html lang="en">' in visitor.answer.text


def test_texts_of_others_never_become_markup(member: Member) -> None:
    """What partners wrote in a covenant, and what was typed in a form, is text."""
    member.press("ask", **QUESTION, statute=MARKUP)
    assert MARKUP not in member.answer.text
    assert MARKUP in member.text
