"""Words for one thing, as covenants spell it, to the word of the contract. Keys are folded (``words.fold``)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final


def _table(words_by_canonical: dict[str, str]) -> MappingProxyType[str, str]:
    """The canonical word by each folded word for it, itself included."""
    return MappingProxyType(
        {word: canonical for canonical, words in words_by_canonical.items() for word in (canonical, *words.split())}
    )


_PHASE_WORDS: Final = {
    "signalling": "signalering vroegsignalering signaleren signaal signaleringsfase signaling detection",
    "imaging": "beeldvorming beeldvormingsfase beeld analyse probleemanalyse",
    "weighing": "weging wegen weegfase voorfase wegingsfase triage assessment",
    "plan": "planfase planvorming plan-van-aanpak pva planning",
    "execution": "uitvoering uitvoeren uitvoeringsfase implementation",
    "aftercare": "nazorg nazorgfase afsluiting-en-nazorg after-care",
}
PHASES: Final = _table(_PHASE_WORDS)
PLAIN_PHASES: Final = _table({phase: words.split()[0] for phase, words in _PHASE_WORDS.items()})
"""Only the contract's own word and the first one for it: who uses two of the others may well mean two phases."""

ROLES: Final = _table(
    {
        "partner": "convenantpartner deelnemer vaste-partner vaste-deelnemer kernpartner participant member",
        "incidental": "incidentele-partner incidenteel agendapartner agendalid agenda-partner gastdeelnemer guest",
    }
)

CATEGORIES: Final = _table(
    {
        "name": "naam namen voornaam-en-achternaam persoonsnaam names",
        "contact": "contactgegevens contact-details adres-en-telefoon contactinformatie",
        "school": "schoolgegevens schoolnaam onderwijsinstelling school-data",
        "nuisance-report": "overlastmelding overlastmeldingen melding-overlast nuisance-reports",
        "police-report": "politiemelding politiemutatie mutatie mutaties proces-verbaal police-reports",
        "group-role": "groepsrol rol-in-groep rol-in-de-groep role-in-group",
        "image": "beeld beelden foto fotos foto-s beeldmateriaal filmpje images photo",
        "social-media-handle": "social-media-account accountnaam social-media social-media-naam",
        "birth-date": "geboortedatum date-of-birth",
        "address": "adres woonadres adresgegevens home-address",
        "health": "gezondheid gezondheidsgegevens medische-gegevens health-data",
        "criminal-data": "strafrechtelijke-gegevens justitiele-gegevens criminal-records",
        "debts": "schulden schuldgegevens",
    }
)

LEGAL_FRAMES: Final = _table(
    {"avg-covenant": "avg avg-convenant gdpr", "wgs-zvh": "wgs zvh zorg-en-veiligheidshuis wgs-zorg-en-veiligheidshuis"}
)

STATUSES: Final = _table(
    {
        "listed": "op-de-lijst lijstpersoon",
        "peripheral": "perifeer periferie",
        "bystander": "omstander omstanders toeschouwer bystanders",
        "third-person": "derde derden third-party",
    }
)

FIELDS: Final = MappingProxyType(
    {
        "versie": "version",
        "geldig-vanaf": "validFrom",
        "ingangsdatum": "validFrom",
        "valid-from": "validFrom",
        "geldig-tot": "validUntil",
        "geldig-tot-en-met": "validUntil",
        "einddatum": "validUntil",
        "valid-until": "validUntil",
        "koepel": "umbrella",
        "koepelconvenant": "umbrella",
        "thema-s": "themes",
        "themas": "themes",
        "samenvatting": "summary",
        "stroming": "regime",
        "doel": "purpose",
        "doelbinding": "purpose",
        "doelstelling": "purpose",
        "werkgebied": "territory",
        "werkingsgebied": "territory",
        "gebied": "territory",
        "gemeenten": "municipalities",
        "partijen": "partners",
        "deelnemers": "partners",
        "convenantpartners": "partners",
        "onderlinge-regeling": "arrangement",
        "regeling": "arrangement",
        "bewaartermijn-logboek": "recordRetention",
        "record-retention": "recordRetention",
        "dwang": "coercive",
        "gedwongen-kader": "coercive",
        "gepubliceerd": "published",
        "gepubliceerd-op": "published",
        "juridisch-kader": "legalFrame",
        "legal-frame": "legalFrame",
        "bijlagen": "annexes",
        "bijlage": "annexes",
    }
)
"""Fields of a covenant."""

PARTNER_FIELDS: Final = MappingProxyType(
    {
        "partij": "party",
        "organisatie": "party",
        "van": "from",
        "vanaf": "from",
        "tot": "until",
        "tot-en-met": "until",
        "rol": "role",
    }
    | {"grondslag": "ground"}
)
ARRANGEMENT_FIELDS: Final = MappingProxyType(
    {
        "contactpunt": "contactPoint",
        "contact-point": "contactPoint",
        "informeert": "informs",
        "meldt-datalek": "reportsBreach",
        "meldt-datalekken": "reportsBreach",
        "reports-breach": "reportsBreach",
    }
)
ANNEX_FIELDS: Final = MappingProxyType(
    {
        "naam": "name",
        "afspraken": "agreements",
        "preventief": "preventive",
        "overleg": "consultation",
        "werkproces": "workProcess",
        "work-process": "workProcess",
        "noodzaak": "necessity",
        "gegevens": "dataCategories",
        "gegevenscategorieen": "dataCategories",
        "soorten-gegevens": "dataCategories",
        "data-categories": "dataCategories",
        "bewaartermijn": "retention",
        "bewaartermijnen": "retention",
        "termijnen": "retention",
    }
)
CRITERIA_FIELDS: Final = MappingProxyType(
    {
        "insluiting": "include",
        "inclusie": "include",
        "insluiten": "include",
        "insluitcriteria": "include",
        "wel": "include",
        "uitsluiting": "exclude",
        "exclusie": "exclude",
        "uitsluiten": "exclude",
        "uitsluitcriteria": "exclude",
        "niet": "exclude",
        "einde": "ends",
        "eindigt": "ends",
        "sluit-uit": "excludesStatus",
        "excludes-status": "excludesStatus",
    }
)
NECESSITY_FIELDS: Final = MappingProxyType(
    {"evenredigheid": "proportionality", "proportionaliteit": "proportionality", "subsidiariteit": "subsidiarity"}
)
