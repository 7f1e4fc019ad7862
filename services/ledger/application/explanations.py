"""One line of a report told to the person: who did what, when, with which data, why, and until when."""

from __future__ import annotations

from services.law.local_time import amsterdam_day
from services.law.register import Register
from services.ledger.application import words
from services.ledger.application.line_view import purpose_of, purpose_text
from services.ledger.application.lines import Line
from services.ledger.application.term_view import held_until
from services.ledger.application.words import Words
from services.ledger.contract.events import Envelope
from services.ledger.contract.topics import ERASED, EXEMPTION_RECORDED, NOTICE_RECORDED


def explain(line: Line, register: Register, statute_label: str | None) -> Words:
    """The explanation of an operation, notice, exemption or erasure; it names no member of staff, no other person."""
    if line.topic == NOTICE_RECORDED:
        return _sentences(_notice(line.envelope, register))
    if line.topic == EXEMPTION_RECORDED:
        return _sentences(_exemption(line.envelope, register) + _ending(line))
    if line.topic == ERASED:
        return _sentences(_erasure(line.envelope, register))
    told = _operation(line.envelope, register, statute_label) + _keeping(line)
    if line.voided == "wrong-person":
        told.append(
            Words(
                "Dit is een fout. Het ging niet over u, maar over iemand anders. Dat is later hersteld.",
                "This is a mistake. It was not about you but about someone else. That was put right later.",
            )
        )
    elif line.voided == "annulled":
        told.append(
            Words("Dit is een fout. Het is niet gebeurd.", "This is a mistake. It did not happen."),
        )
    elif line.corrections:
        told.append(
            Words(
                "Deze regel is later verbeterd. U ziet wat er eerst stond en wat er nu staat.",
                "This line was corrected later. You see what it said first and what it says now.",
            )
        )
    return _sentences(told)


def explain_read(name: str, purpose: str, read_at: Words) -> Words:
    """Somebody looked at the person's lines in the ledger (C-579/21)."""
    why = words.read_purpose(purpose)
    return Words(
        f"Op {read_at.nl} heeft {name} in dit logboek naar regels over u gekeken {why.nl}".rstrip() + ".",
        f"On {read_at.en} {name} looked at lines about you in this ledger {why.en}".rstrip() + ".",
    )


def explain_breach(envelope: Envelope, held: tuple[str, ...], register: Register) -> Words:
    """Data of the person leaked: ``held``, where it was written down which."""
    name, day = _name(register, envelope, envelope.breach_party), words.day_of(envelope.occurred_at)
    told = [Words(f"Op {day.nl} was er een datalek bij {name}.", f"On {day.en} there was a data breach at {name}.")]
    if held:
        kinds = words.categories(held)
        told.append(Words(f"Het gaat om {kinds.nl}.", f"It concerns {kinds.en}."))
    return _sentences(told)


def _operation(envelope: Envelope, register: Register, statute_label: str | None) -> list[Words]:
    name, done = _name(register, envelope, envelope.controller), words.verb(envelope.operation)
    day = words.day_of(envelope.occurred_at)
    told = [Words(f"Op {day.nl} {_swapped(done.nl, name)}.", f"On {day.en} {name} {done.en}.")]
    if envelope.data_categories:
        kinds = words.categories(envelope.data_categories)
        told.append(Words(f"Het gaat om {kinds.nl}.", f"It concerns {kinds.en}."))
    if envelope.recipients:
        to = [_name(register, envelope, recipient) for recipient in envelope.recipients]
        told.append(
            Words(
                f"De gegevens gingen naar {words.joined(to, 'en')}.",
                f"The data went to {words.joined(to, 'and')}.",
            )
        )
    return told + _why(envelope, register, statute_label)


def _keeping(line: Line) -> list[Words]:
    """Until when the data may be kept, as it was last set (AVG 15(1)(d))."""
    ends = held_until(line)
    if ends is None:
        return []
    until = words.written_day(ends)
    return [
        Words(f"De gegevens mogen tot en met {until.nl} worden bewaard.", f"The data may be kept until {until.en}.")
    ]


def _why(envelope: Envelope, register: Register, statute_label: str | None) -> list[Words]:
    told = []
    text = purpose_text(envelope, register) or (purpose_of(envelope, register) or "").replace("-", " ")
    if text:
        told.append(Words(f"Dit was het doel: {text}.", f"This was the purpose: {text}."))
    if statute_label is not None:
        told.append(
            Words(
                f"Als reden is deze wet genoemd: {statute_label}.",
                f"This statute was given as the ground: {statute_label}.",
            )
        )
    elif envelope.gdpr is None:
        told.append(
            Words(
                "Er is niet opgeschreven van welke wet dit mag.",
                "It was not written down which law allows this.",
            )
        )
    return told


def _notice(envelope: Envelope, register: Register) -> list[Words]:
    giver = _name(register, envelope, envelope.given_by or envelope.controller)
    owed_by = _name(register, envelope, envelope.controller)
    day, how = words.day_of(envelope.occurred_at), words.form(envelope.form)
    return [
        Words(
            f"Op {day.nl} heeft {giver} u {how.nl} verteld dat er gegevens over u worden gebruikt.",
            f"On {day.en} {giver} told you {how.en} that data about you are used.",
        ),
        Words(f"Dat was namens {owed_by}.", f"That was on behalf of {owed_by}."),
    ]


def _exemption(envelope: Envelope, register: Register) -> list[Words]:
    name = _name(register, envelope, envelope.decided_by or envelope.controller)
    day = words.day_of(envelope.occurred_at)
    return [
        Words(
            f"Op {day.nl} besloot {name} om u nog niets te vertellen. De wet die daarbij is genoemd: {envelope.norm}.",
            f"On {day.en} {name} decided not to tell you yet. The provision given: {envelope.norm}.",
        )
    ]


def _ending(line: Line) -> list[Words]:
    """That the reason of an exemption has gone."""
    if line.ended_at is None:
        return []
    day = words.day_of(line.ended_at)
    return [Words(f"Die reden is op {day.nl} vervallen.", f"That reason ended on {day.en}.")]


def _erasure(envelope: Envelope, register: Register) -> list[Words]:
    """That lines about the person were erased in the ledger itself."""
    name, day = _name(register, envelope, envelope.controller), words.day_of(envelope.occurred_at)
    count = envelope.erased_events or 0
    told = []
    if count or not envelope.spared:
        told.append(
            Words(
                f"Op {day.nl} heeft {name} {count} regels over u in dit logboek gewist. Niemand kan die nog lezen.",
                f"On {day.en} {name} erased {count} lines about you in this ledger. Nobody can read them any more.",
            )
        )
    if envelope.spared:
        told.append(
            Words(
                f"Op {day.nl} heeft {name} van sommige regels de inhoud gewist. Dat ze er waren, ziet u nog wel.",
                f"On {day.en} {name} erased the content of some lines. That they were there you still see.",
            )
        )
    if envelope.backups_until is not None:
        until = words.written_day(envelope.backups_until)
        told.append(
            Words(
                f"In reservekopieën kunnen ze nog staan tot en met {until.nl}.",
                f"Backups may hold them until {until.en}.",
            )
        )
    return told


def _name(register: Register, envelope: Envelope, party_id: str | None) -> str:
    if party_id is None:
        return "iemand"
    return words.party(register, party_id, amsterdam_day(envelope.occurred_at))


def _swapped(done: str, name: str) -> str:
    """Dutch puts the verb before the subject after a day: ``Op 3 mei heeft de politie …``."""
    auxiliary, _, rest = done.partition(" ")
    return f"{auxiliary} {name} {rest}"


def _sentences(told: list[Words]) -> Words:
    return Words(" ".join(w.nl for w in told), " ".join(w.en for w in told))
