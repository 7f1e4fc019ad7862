"""A region of covenants that agree, with contradictions planted among them and look-alikes that are none.

Each plant is the clone of a covenant with one thing changed; each look-alike changes the same things, and one more
that takes the two apart. Some are two hands that spell one annex, or one town, in two ways. What was planted is known
from the planting, not from looking.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

Body = dict[str, Any]
Planted = set[tuple[str, tuple[str, ...]]]
Plant = Callable[[Body, random.Random], str]
LookAlike = Callable[[Body, random.Random], None]

THEMES = ("jeugdgroepen", "veelplegers", "zorgmijders", "huiselijk-geweld", "radicalisering", "schooluitval", "drugs")
EVERYWHERE = ("politie", "om", "reclassering", "halt", "veilig-thuis", "jeugdzorg", "ggd", "woningbouw")
PHASES = ("signalling", "imaging", "weighing", "plan", "execution", "aftercare")
TERMS = ("P1M", "P3M", "P6M", "P1Y", "P18M", "P2Y", "P5Y")
EQUAL = {"P1Y": "P12M", "P2Y": "P24M", "P18M": "P1Y6M", "P6M": "6 maanden", "P1M": "één maand", "P3M": "3 months"}
IDS = ("{theme}", "{theme}", "{covenant}-{theme}", "{theme} {town}", "{covenant}-a1")
"""How an author calls an annex; whoever clones a covenant keeps that, also where it holds the id of the original."""

RESPELT = (
    ("jeugd-overlast", "jeugdoverlast"),
    ("top-x", "topx"),
    ("jeugdGroepen", "jeugd-groepen"),
    ("jeugdgroep", "jeugdgroepen"),
    ("zorgmijders noord", "zorgmijder-noord"),
    ("bijlage-I", "bijlage-II"),
)
"""One annex as two hands call it."""
NOT_RESPELT = (
    ("jeugdgroepen", "groepsaanpak"),
    ("ouders", "ouderen"),
    ("jeugd", "jeugdgroepen"),
    ("veelplegers", "veelplegersaanpak"),
    ("school-uitval", "schooluitvallers"),
)
"""Two annexes with names that look alike."""


def region(seed: int, size: int = 160) -> tuple[list[Body], Planted]:
    """At least ``size`` covenants in random order, and every contradiction among them as (kind, ids)."""
    dice = random.Random(seed)
    grid = [(f"Gemeente {town}", theme) for town in range(size) for theme in THEMES]
    bodies = [_agreed(f"c{n}", *place, dice) for n, place in enumerate(dice.sample(grid, size - 60))]
    planted: Planted = set()
    originals = dice.sample(bodies, 60)
    for n, original in enumerate(originals[:30]):
        plant = PLANTS[n % len(PLANTS)]
        twin = copy.deepcopy(original) | {"id": f"twin{n}"}
        kind = plant(twin, dice)
        planted.add((kind, tuple(sorted((original["id"], twin["id"])))))
        bodies.append(twin)
    for n, original in enumerate(originals[30:]):
        twin = copy.deepcopy(original) | {"id": f"like{n}"}
        LOOK_ALIKES[n % len(LOOK_ALIKES)](twin, dice)
        bodies.append(twin)
    for plant_alone in ALONE:
        lone = _agreed(f"alone{len(planted)}", f"Eiland {len(planted)}", dice.choice(THEMES), dice)
        planted.add((plant_alone(lone, dice), (lone["id"],)))
        bodies.append(lone)
    for n, ids in enumerate((*RESPELT, *NOT_RESPELT)):
        pair = _by_two_hands(n, ids, dice)
        bodies += pair
        if ids in RESPELT:
            planted.add(("retention", tuple(sorted(body["id"] for body in pair))))
    dice.shuffle(bodies)
    return bodies, planted


def _by_two_hands(number: int, ids: tuple[str, str], dice: random.Random) -> tuple[Body, Body]:
    """Two covenants of one town with other terms, each with its own spelling of annex and town."""
    first = _agreed(f"twin-by-one-{number}", f"Haven {number}", "jeugdgroepen", dice)
    second = copy.deepcopy(first) | {"id": f"twin-by-other-{number}", "territory": [f" HAVEN  {number}"]}
    for body, annex_id in zip((first, second), ids, strict=True):
        body["annexes"][0]["id"] = annex_id
    _other_term(second, dice)
    return first, second


def _agreed(covenant_id: str, town: str, theme: str, dice: random.Random) -> Body:
    """A covenant of one town about one theme; nobody else has both."""
    local = [f"{organ}-{town}".lower().replace(" ", "-") for organ in ("college", "burgemeester", "jongerenwerk")]
    partners = [*local, *dice.sample(EVERYWHERE, dice.randint(2, len(EVERYWHERE)))]
    begins = dice.choice(("2020-01-01", "2023-07-01", "2025-01-01"))
    return {
        "id": covenant_id,
        "version": 1,
        "validFrom": begins,
        "validUntil": dice.choice(("2027-12-31", "2029-06-30", None)),
        "published": begins,
        "regime": dice.choice((1, 2, 3)),
        "purpose": f"aanpak-{theme}",
        "territory": [town],
        "partners": [{"party": party} for party in partners],
        "arrangement": dict.fromkeys(("contactPoint", "informs", "reportsBreach"), local[0]),
        "annexes": [
            {
                "id": dice.choice(IDS).format(theme=theme, covenant=covenant_id, town=town),
                "consultation": dice.choice(("weekoverleg", "driehoek", "casusoverleg")),
                "workProcess": f"werkproces {theme}",
                "criteria": {"include": "genoemd door twee partners", "exclude": "omstanders", "ends": "een half jaar"},
                "dataCategories": ["name", "contact"],
                "retention": {phase: dice.choice(TERMS) for phase in dice.sample(PHASES, dice.randint(1, 6))},
            }
        ],
    }


def _terms(body: Body) -> dict[str, str]:
    terms: dict[str, str] = body["annexes"][0]["retention"]
    return terms


def _other_term(body: Body, dice: random.Random) -> str:
    phase = dice.choice(sorted(_terms(body)))
    _terms(body)[phase] = dice.choice([term for term in TERMS if term != _terms(body)[phase]])
    return "retention"


def _days_for_months(body: Body, dice: random.Random) -> str:
    phase = dice.choice(sorted(_terms(body)))
    _terms(body)[phase] = "P91D"
    return "retention"


def _other_term_in_words(body: Body, dice: random.Random) -> str:
    phase = min(_terms(body))
    _terms(body)[phase] = dice.choice(("7 jaar", "zes weken"))
    return "retention"


def _other_purpose(body: Body, dice: random.Random) -> str:
    body["purpose"] = dice.choice(("handhaving", "bestuurlijke-sanctie", "wetenschap"))
    return "purpose"


def _other_purpose_later(body: Body, dice: random.Random) -> str:
    body["validFrom"] = "2026-03-01"
    return _other_purpose(body, dice)


def _partner_lacks(body: Body, dice: random.Random) -> str:
    body["partners"].pop(dice.randrange(1, len(body["partners"])))
    return "parties"


def _partner_more(body: Body, _dice: random.Random) -> str:
    body["partners"].append({"party": "woonplaats-corporatie"})
    return "parties"


def _partner_replaced(body: Body, _dice: random.Random) -> str:
    body["partners"][-1] = {"party": "beveiliging"}
    return "parties"


def _partner_left(body: Body, _dice: random.Random) -> str:
    body["partners"][-1]["until"] = "2026-02-28"
    return "parties"


def _partner_is_guest(body: Body, _dice: random.Random) -> str:
    body["partners"][-1]["role"] = "incidental"
    return "parties"


def _other_duty(body: Body, dice: random.Random) -> str:
    duty = dice.choice(("contactPoint", "informs", "reportsBreach"))
    body["arrangement"][duty] = body["partners"][1]["party"]
    return "parties"


def _duty_of_a_guest(body: Body, dice: random.Random) -> str:
    body["partners"].append({"party": "leerplicht", "role": "incidental"})
    body["arrangement"][dice.choice(("contactPoint", "informs", "reportsBreach"))] = "leerplicht"
    return "parties"


def _half_a_year(body: Body, _dice: random.Random) -> str:
    phase = min(_terms(body))
    _terms(body)[phase] = "een half jaar" if _terms(body)[phase] != "P6M" else "anderhalf jaar"
    return "retention"


PLANTS: tuple[Plant, ...] = (
    _other_term,
    _other_purpose,
    _partner_lacks,
    _days_for_months,
    _partner_more,
    _other_purpose_later,
    _partner_replaced,
    _other_term_in_words,
    _partner_left,
    _other_duty,
    _partner_is_guest,
    _duty_of_a_guest,
    _half_a_year,
)


def _nothing(_body: Body, _dice: random.Random) -> None:
    """A second signed copy."""


def _everything(body: Body, dice: random.Random) -> None:
    for plant in (_other_term, _other_purpose, _partner_lacks, _other_duty):
        plant(body, dice)


def _elsewhere(body: Body, dice: random.Random) -> None:
    _everything(body, dice)
    body["territory"] = [f"Buurgemeente {body['id']}"]


def _before(body: Body, dice: random.Random) -> None:
    _everything(body, dice)
    body |= {"validFrom": "2015-01-01", "validUntil": "2019-12-31"}


def _among_others(body: Body, dice: random.Random) -> None:
    _everything(body, dice)
    body["partners"] = [{"party": f"{partner['party']}-elders"} for partner in body["partners"]]
    body["arrangement"] = None


def _about_something_else(body: Body, dice: random.Random) -> None:
    _everything(body, dice)
    theme = body["annexes"][0]["id"]
    body["annexes"][0] |= {"id": f"niet-{theme}", "workProcess": "werkproces iets anders"}


def _under_the_wgs(body: Body, dice: random.Random) -> None:
    _everything(body, dice)
    body["legalFrame"] = "wgs-zvh"


def _spelt_otherwise(body: Body, dice: random.Random) -> None:
    body["annexes"][0]["retention"] = {phase: EQUAL.get(term, term) for phase, term in _terms(body).items()}
    body["purpose"] = body["purpose"].replace("-", " ").capitalize()
    dice.shuffle(body["partners"])


def _other_phases(body: Body, _dice: random.Random) -> None:
    body["annexes"][0]["retention"] = {"eigen-fase": "P9Y"}


def _with_guests(body: Body, _dice: random.Random) -> None:
    body["partners"].append({"party": "leerplicht", "role": "incidental", "from": "2025-02-01", "until": "2027-01-31"})


def _for_more_towns(body: Body, _dice: random.Random) -> None:
    """A partner for the other town, and who informs there."""
    body["territory"].append(f"Buurgemeente {body['id']}")
    body["partners"].append({"party": f"college-{body['id']}"})
    body["arrangement"] = {"informs": f"college-{body['id']}"}


def _read_otherwise(body: Body, _dice: random.Random) -> None:
    body["regime"] = body["regime"] % 3 + 1
    body["annexes"][0]["dataCategories"] = ["name"]
    body["annexes"][0]["criteria"] = {"include": "anders"}


LOOK_ALIKES: tuple[LookAlike, ...] = (
    _nothing,
    _elsewhere,
    _before,
    _among_others,
    _about_something_else,
    _under_the_wgs,
    _spelt_otherwise,
    _other_phases,
    _with_guests,
    _for_more_towns,
    _read_otherwise,
)


def _duty_of_a_stranger(body: Body, dice: random.Random) -> str:
    body["arrangement"][dice.choice(("contactPoint", "informs", "reportsBreach"))] = "niemand-van-ons"
    return "parties"


def _contact_point_leaves(body: Body, _dice: random.Random) -> str:
    body["partners"][0]["until"] = "2026-06-30"
    return "parties"


def _partner_twice(body: Body, _dice: random.Random) -> str:
    body["partners"].append({"party": body["partners"][1]["party"], "role": "incidental"})
    return "parties"


def _annex_twice(body: Body, _dice: random.Random) -> str:
    (annex,) = body["annexes"]
    again = annex | {"id": "Aanpak veelplegers", "retention": {"plan": "P7Y"}}
    body["annexes"] = [annex | {"id": "veelplegers", "retention": {"planfase": "P1Y"}}, again]
    return "retention"


def _phase_twice(body: Body, _dice: random.Random) -> str:
    body["annexes"][0]["retention"] = {"signalling": "P3M", "signalering": "P6M"}
    return "retention"


ALONE: tuple[Plant, ...] = (_duty_of_a_stranger, _contact_point_leaves, _partner_twice, _annex_twice, _phase_twice)
