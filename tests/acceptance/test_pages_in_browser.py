"""The pages in a real browser before a real ledger: by mouse, by keyboard alone, small, and without scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import accessibility_faults, chromium, new_page
from tests.support.keystrokes import Keystrokes
from tests.support.page_register import OWN, fill_register
from tests.support.served import Served, served

BSN = "999990019"
LOGGED_WITHIN_SECONDS = 20
NARROWEST_PIXELS = 320
TARGET_PIXELS_MIN = 24
VIEWS = ("light", "dark")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served ledger with a small register."""
    with served(tmp_path_factory.mktemp("pages")) as running:
        fill_register(running)
        yield running


@pytest.fixture(scope="module")
def token(ledger: Served) -> str:
    """What the burgemeester signs in with."""
    return ledger.token(OWN, "processing:write processing:read")


@pytest.fixture(scope="module")
def browser(ledger: Served) -> Iterator[Browser]:
    """One browser for the module."""
    with chromium() as running:
        yield running


@pytest.fixture
def page(browser: Browser, ledger: Served) -> Iterator[Page]:
    """A page of somebody new, in a browser that runs no scripts."""
    with new_page(browser, base_url=ledger.base_url) as opened:
        yield opened


@pytest.fixture
def scripted(browser: Browser, ledger: Served) -> Iterator[Page]:
    """The same in a browser that runs scripts, which the tools of this test need."""
    with new_page(browser, base_url=ledger.base_url, java_script_enabled=True) as opened:
        yield opened


def sign_in(page: Page, token: str, staff: str) -> None:
    """Sign in; Enter in the last field sends the form."""
    page.goto("/aanmelden")
    page.get_by_label("Uw code").fill(staff)
    page.get_by_label("Sleutel").fill(token)
    page.get_by_label("Sleutel").press("Enter")
    expect(page.get_by_role("heading", name="Mag dit?")).to_be_visible()


def fill_question(page: Page) -> None:
    """Ask whether a name may go to three parties at once."""
    page.get_by_role("checkbox", name="Jongerenwerk Middelstad").check()
    page.get_by_role("checkbox", name="Politie").check()
    page.get_by_label("Nog een andere organisatie").select_option("school-openbaar")
    page.get_by_role("checkbox", name="Naam", exact=True).check()
    page.get_by_label("Burgerservicenummer (BSN)").fill(BSN)
    page.get_by_label("Hoe is deze persoon betrokken?").select_option("listed")
    page.get_by_label("Onder welke afspraak (convenant)?").select_option("veiligheidshuis|jeugdgroepen")
    page.get_by_label("Hoe ver is de zaak?").select_option("plan")
    page.get_by_label("Welke wet geeft u deze taak?").fill("Gemeentewet 172")


def ask(page: Page) -> None:
    """Press the button and see the answer."""
    page.get_by_role("button", name="Vraag het").click()
    expect(page.get_by_role("heading", name="Antwoord")).to_be_visible()


def test_from_question_to_record(page: Page, ledger: Served, token: str) -> None:
    """A regisseur signs in, asks, reads why and until when, reads the covenant once, and records what was done."""
    sign_in(page, token, "r-1")
    fill_question(page)
    ask(page)
    for party in ("Jongerenwerk Middelstad", "Politie", "Openbare school"):
        expect(page.get_by_role("heading", name=party)).to_be_visible()
    expect(page.get_by_text("Tot nu toe is er niets bewaard.")).to_be_visible()
    expect(page.get_by_role("heading", name="Hoe lang mag het blijven?")).to_be_visible()
    page.get_by_role("button", name="Ik heb dit gelezen").click()
    expect(page.get_by_role("heading", name="Lees deze afspraak")).to_have_count(0)
    assert operations(ledger, token) == []
    page.get_by_role("button", name="Leg vast").click()
    expect(page.get_by_role("heading", name="Vastgelegd", exact=True)).to_be_visible()
    key = page.locator("dl code").first.inner_text()
    assert operations(ledger, token) == [key]
    page.reload()
    assert operations(ledger, token) == [key]


def operations(ledger: Served, token: str) -> list[str]:
    """The ids of what is recorded about the person, as the API finds them."""
    headers = {"Authorization": f"Bearer {token}", "Grootboek-Purpose": "operations"}
    body = {"subject": {"idType": "BSN", "id": BSN}}
    answer = httpx.post(
        f"{ledger.base_url}/v1/processing-operations/_search", json=body, headers=headers, timeout=30
    ).json()
    return [item["id"] for item in answer["items"]]


def test_the_answer_is_the_ledgers_own(page: Page, ledger: Served, token: str) -> None:
    """What the page says of each recipient is what `_assess` answers on the same act."""
    sign_in(page, token, "r-2")
    fill_question(page)
    ask(page)
    act = {
        "operation": "disclose-by-transmission",
        "occurredAt": time.strftime("%Y-%m-%dT%H:%M:00Z", time.gmtime()),
        "controller": OWN,
        "subjects": [{"idType": "BSN", "id": BSN, "status": "listed"}],
        "recipients": [{"party": party} for party in ("jongerenwerk-middelstad", "politie", "school-openbaar")],
        "dataCategories": ["name"],
        "covenant": {"id": "veiligheidshuis", "annex": "jeugdgroepen"},
        "phase": "plan",
        "legalBasis": {"statute": "Gemeentewet 172"},
    }
    answer = httpx.post(
        f"{ledger.base_url}/v1/processing-operations/_assess",
        json=act,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    ).json()
    shown = page.locator("main").inner_text()
    for said in [one["why"]["nl"] for one in answer["recipients"]] + [
        found["message"]["nl"] for found in answer["explanations"]
    ]:
        assert said in shown
    assert answer["keep"]["text"]["nl"] in shown


@pytest.mark.parametrize("scheme", VIEWS)
def test_nothing_stands_in_the_way_of_anybody(browser: Browser, ledger: Served, token: str, scheme: str) -> None:
    """No page, in light or dark, in Dutch or English, breaks a rule of WCAG 2.2 AA that a machine can check."""
    with new_page(
        browser, base_url=ledger.base_url, java_script_enabled=True, color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        assert accessibility_faults(visit(page, "/")) == []
        assert accessibility_faults(visit(page, "/aanmelden")) == []
        sign_in(page, token, f"r-3-{scheme}")
        assert accessibility_faults(page) == []
        fill_question(page)
        ask(page)
        assert accessibility_faults(page) == []
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", name="Answer")).to_be_visible()
        assert accessibility_faults(page) == []
        page.get_by_role("button", name="Record it").click()
        expect(page.get_by_role("heading", name="Recorded")).to_be_visible()
        assert accessibility_faults(page) == []
        assert accessibility_faults(visit(page, "/vastleggen")) == []
        page.get_by_label("Citizen service number (BSN)").fill("123")
        page.get_by_role("button", name="Record it").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert accessibility_faults(page) == []


def visit(page: Page, path: str) -> Page:
    """Go to a page."""
    page.goto(path)
    return page


@pytest.mark.parametrize("path", ["/", "/aanmelden", "/mag-dit", "/vastleggen"])
def test_a_small_screen_shows_all(browser: Browser, ledger: Served, token: str, path: str) -> None:
    """At 320 pixels nothing is cut off or scrolls sideways, and everything that is pressed is large enough."""
    size = {"width": NARROWEST_PIXELS, "height": 640}
    with new_page(browser, base_url=ledger.base_url, java_script_enabled=True, viewport=size) as page:
        sign_in(page, token, "r-4")
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST_PIXELS
        pressed = page.locator("main button:visible, main input:visible, main select, header a, header button:visible")
        for box in [each.bounding_box() for each in pressed.all()]:
            assert box is not None
            assert min(box["width"], box["height"]) >= TARGET_PIXELS_MIN


def test_the_keyboard_alone_is_enough(page: Page, token: str) -> None:
    """The skip link comes first; Tab goes through the form in the order of reading, and Enter sends it."""
    sign_in(page, token, "r-5")
    page.goto("/mag-dit")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ga naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Doorgeven of vertellen")).to_be_focused()
    page.goto("/vastleggen")
    expect(page.get_by_label("Met wie, of van wie?")).to_be_focused()
    for label, keys in (("Burgerservicenummer (BSN)", "999990020"), ("Waarom is dit nodig?", "Nodig.")):
        page.keyboard.press("Tab")
        expect(page.get_by_label(label)).to_be_focused()
        page.keyboard.type(keys)
    for name in ("Naam", "Telefoon of e-mail", "Adres", "School", "Rol in een groep"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("checkbox", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Vastgelegd", exact=True)).to_be_visible()


def test_a_call_is_written_down_within_twenty_seconds(scripted: Page, token: str) -> None:
    """A trained hand needs less than twenty seconds: its keys at the pace of the keystroke-level model."""
    sign_in(scripted, token, "r-6")
    scripted.goto("/vastleggen")
    hand = Keystrokes(scripted)
    hand.begin_at(scripted.get_by_label("Met wie, of van wie?"))
    hand.type("Pol")
    hand.go_to(scripted.get_by_label("Burgerservicenummer (BSN)"))
    hand.type("999990032")
    hand.go_to(scripted.get_by_label("Waarom is dit nodig?"))
    hand.type("Nodig voor overleg morgen")
    hand.go_to(scripted.get_by_role("checkbox", name="Naam", exact=True))
    hand.press("Space")
    hand.send()
    expect(scripted.get_by_role("heading", name="Vastgelegd", exact=True)).to_be_visible()
    seconds = hand.seconds + hand.seconds_waited
    print(f"a call was logged in {seconds:.1f} s, of which the pages took {hand.seconds_waited:.1f} s")
    assert seconds < LOGGED_WITHIN_SECONDS


def test_a_late_entry_shows_both_moments(page: Page, token: str) -> None:
    """What happened four days ago is recorded all the same, and marked as late."""
    sign_in(page, token, "r-7")
    page.goto("/vastleggen")
    page.get_by_label("Met wie, of van wie?").select_option("politie")
    page.get_by_label("Burgerservicenummer (BSN)").fill("999990044")
    page.get_by_text("Meer: afspraak, fase, wet, moment").click()
    long_ago = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() - 4 * 24 * 3600))
    page.get_by_label("Wanneer?").fill(long_ago)
    page.get_by_role("button", name="Leg vast").click()
    expect(page.get_by_text("Late vastlegging")).to_be_visible()
    expect(page.get_by_text("Gebeurd op")).to_be_visible()


def test_another_site_can_make_nothing_happen(browser: Browser, ledger: Served, token: str, tmp_path: Path) -> None:
    """A page from elsewhere that posts the form of a signed-in visitor is refused by browser and door alike."""
    with new_page(browser, base_url=ledger.base_url) as page:
        sign_in(page, token, "r-8")
        page.goto("/vastleggen")
        csrf = page.locator("#act input[name=csrf]").get_attribute("value")
        elsewhere = tmp_path / "elsewhere.html"
        elsewhere.write_text(
            f'<form method="post" action="{ledger.base_url}/vastleggen"><input name="csrf" value="{csrf}">'
            '<input name="key" value="evil-1"><input name="step" value="record"><button>go</button></form>',
            encoding="utf-8",
        )
        page.goto(elsewhere.as_uri())
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", name="Vastgelegd", exact=True)).to_have_count(0)
        expect(page.get_by_role("heading", name="Dat lukte niet")).to_be_visible()
