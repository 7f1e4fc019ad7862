"""What each finding says to the sender, and what would mend it, in Dutch and English."""

from __future__ import annotations

from typing import Final

import msgspec


class Text(msgspec.Struct, frozen=True):
    """One sentence or two, in Dutch and in English."""

    nl: str
    en: str


TEXTS: Final[dict[str, tuple[Text, Text]]] = {
    "archive-result-missing": (
        Text(
            "Een overheidsorgaan vernietigt alleen volgens een selectielijst; het resultaat is niet genoemd.",
            "A public body destroys only under a selection list; its result is not named.",
        ),
        Text(
            "Registreer het selectieresultaat als besluit, noem het in decisionId en verklaar de vernietiging.",
            "Register the selection result as a decision, name it in decisionId and declare the destruction.",
        ),
    ),
    "bsn-not-entitled": (
        Text(
            "De afzender is geen overheidsorgaan en er is geen wet genoemd die hem het BSN laat gebruiken.",
            "The sender is no public body and no act is named that lets it use the BSN.",
        ),
        Text(
            "Noem bij de partij de wet die het BSN voorschrijft (bsnEntitledUnder), of gebruik een pseudoniem.",
            "Name at the party the act that prescribes the BSN (bsnEntitledUnder), or use a pseudonym.",
        ),
    ),
    "bystander-excluded": (
        Text(
            "De bijlage sluit personen met deze status uit, zoals omstanders.",
            "The annex excludes persons with this status, such as bystanders.",
        ),
        Text(
            "Laat deze personen weg; is het al gebeurd, wis hun gegevens en meld dat elke ontvanger.",
            "Leave these persons out; if it has happened, erase their data and tell every recipient.",
        ),
    ),
    "category-outside-annex": (
        Text(
            "Er zijn soorten gegevens gebruikt die de bijlage van het convenant niet noemt.",
            "Categories of data were used that the annex of the covenant does not name.",
        ),
        Text(
            "Laat die gegevens weg, of laat de partners eerst een nieuwe versie van de bijlage vaststellen.",
            "Leave those data out, or have the partners adopt a new version of the annex first.",
        ),
    ),
    "consent-not-free": (
        Text(
            "Toestemming is hier niet vrij: het convenant zegt dat de aanpak dwingend is.",
            "Consent is not free here: the covenant says that the approach is coercive.",
        ),
        Text(
            "Noem de taak of plicht waarop de verwerking rust.",
            "Name the task or duty that the processing rests on.",
        ),
    ),
    "controller-not-partner": (
        Text(
            "De verantwoordelijke was op die dag geen partner van het genoemde convenant.",
            "The controller was no partner of the named covenant on that day.",
        ),
        Text(
            "Leg de toetreding met haar data vast, of reken de handeling niet onder dit convenant.",
            "Record the accession with its dates, or do not book the act under this covenant.",
        ),
    ),
    "covenant-choice-open": (
        Text(
            "De persoon woont buiten het gebied van dit convenant, en een ander convenant dekt die gemeente wel.",
            "The person lives outside this covenant's territory, and another covenant covers that municipality.",
        ),
        Text(
            "Kies welk convenant geldt en leg vast waarom; kies zonder reden het convenant dat het meest beschermt.",
            "Choose which covenant applies and record why; without a reason take the most protective one.",
        ),
    ),
    "covenant-not-a-ground": (
        Text(
            "Een convenant is genoemd als grondslag, maar een convenant geeft geen bevoegdheid.",
            "A covenant is named as the ground, but a covenant gives no power.",
        ),
        Text(
            "Noem de wet die deze verantwoordelijke de taak geeft, en het convenant in het veld covenant.",
            "Name the statute that gives this controller its task, and the covenant in the field covenant.",
        ),
    ),
    "criteria-missing": (
        Text(
            "Iemand is op een lijst gezet zonder dat is vastgelegd dat hij aan de criteria voldoet.",
            "Someone was put on a list without a record that the criteria are met.",
        ),
        Text(
            "Toets de persoon aan de criteria van de bijlage en vul criteria in.",
            "Test the person against the criteria of the annex and fill in criteria.",
        ),
    ),
    "exemption-factors-missing": (
        Text(
            "Het besluit om niet te informeren mist noodzaak, evenredigheid, belang of herzieningsdatum.",
            "The decision not to inform lacks necessity, proportionality, interest or a review date.",
        ),
        Text(
            "Vul ze aan voor deze ene persoon; 'niet van toepassing, omdat' is ook een antwoord.",
            "Complete them for this one person; 'not applicable, because' is an answer too.",
        ),
    ),
    "exemption-late": (
        Text(
            "Het besluit om niet te informeren is genomen nadat de persoon al geïnformeerd had moeten zijn.",
            "The decision not to inform was taken after the person should already have been told.",
        ),
        Text(
            "Informeer alsnog, of leg vast waarom het besluit er niet eerder was.",
            "Inform after all, or record why the decision was not there in time.",
        ),
    ),
    "ground-missing": (
        Text(
            "De grondslag ontbreekt: de letter van de AVG, of de wet die bij die letter hoort.",
            "The ground is missing: the letter of the AVG, or the statute that this letter needs.",
        ),
        Text(
            "Vul legalBasis in: bij 6(1)(c) en (e) ook de wet, bij politiegegevens het artikel van de Wpg.",
            "Fill in legalBasis: with 6(1)(c) and (e) also the statute, for police data the article of the Wpg.",
        ),
    ),
    "holder-basis-missing": (
        Text(
            "Van deze houder is geen eigen grondslag vastgelegd.",
            "No ground of its own is recorded for this holder.",
        ),
        Text(
            "Registreer de verwerkingsactiviteit van de houder met haar grondslag.",
            "Register the holder's processing activity with its ground.",
        ),
    ),
    "inform-overdue": (
        Text(
            "De gegevens worden gewist terwijl de persoon nog geïnformeerd had moeten worden.",
            "The data are deleted while the person should have been told before.",
        ),
        Text(
            "Informeer de persoon eerst, of neem voor hem een besluit om dat niet te doen.",
            "Tell the person first, or decide for this person not to.",
        ),
    ),
    "late-entry": (
        Text(
            "De handeling is meer dan 72 uur later vastgelegd.",
            "The act was recorded more than 72 hours later.",
        ),
        Text(
            "Leg handelingen vast wanneer ze gebeuren; wie tussendoor keek, zag deze niet.",
            "Record acts when they happen; whoever looked in between did not see this one.",
        ),
    ),
    "legitimate-interest-of-authority": (
        Text(
            "Een overheidsorgaan kan zich in zijn taak niet op een gerechtvaardigd belang beroepen.",
            "A public authority cannot rely on a legitimate interest in its tasks.",
        ),
        Text(
            "Noem de publieke taak (6(1)(e)) of plicht (6(1)(c)) met de wet.",
            "Name the public task (6(1)(e)) or duty (6(1)(c)) with its statute.",
        ),
    ),
    "necessity-missing": (
        Text(
            "Niet is vastgelegd waarom dit nodig is: evenredigheid en subsidiariteit, elk in eigen woorden.",
            "It is not recorded why this is needed: proportionality and subsidiarity, each in its own words.",
        ),
        Text(
            "Vul necessity in, of handel onder een bijlage die de noodzaak vooraf en openbaar heeft onderbouwd.",
            "Fill in necessity, or act under an annex that reasoned it beforehand and in public.",
        ),
    ),
    "oral-notice-unrequested": (
        Text(
            "De persoon is mondeling geïnformeerd zonder daarom te vragen.",
            "The person was told orally without having asked for that.",
        ),
        Text(
            "Bevestig de mededeling schriftelijk.",
            "Confirm the notice in writing.",
        ),
    ),
    "own-ground-missing": (
        Text(
            "Dit convenant vraagt van elke partij een grondslag in haar eigen wet; niet van elke partij is die er.",
            "This covenant asks of each party a ground in its own statute; not every party's is known.",
        ),
        Text(
            "Noem de eigen wet van de afzender, en bij elke ontvanger de activiteit met haar grondslag.",
            "Name the sender's own statute, and at each recipient the activity with its ground.",
        ),
    ),
    "processor-contract-missing": (
        Text(
            "Van deze verwerker is geen geldende overeenkomst met de verantwoordelijke bekend.",
            "No contract in force between this processor and the controller is known.",
        ),
        Text(
            "Sluit de overeenkomst, of leg haar vast bij de partij; laat de verwerker tot dan niets doen.",
            "Conclude the contract, or record it at the party; let the processor do nothing until then.",
        ),
    ),
    "purpose-missing": (
        Text(
            "Het doel ontbreekt, en geen convenant, activiteit of besluit brengt er een mee.",
            "The purpose is missing, and no covenant, activity or decision brings one.",
        ),
        Text(
            "Vul purpose in, of noem het convenant of de activiteit.",
            "Fill in purpose, or name the covenant or activity.",
        ),
    ),
    "recipient-without-ground": (
        Text(
            "Voor een ontvanger is geen grond bekend om deze gegevens te krijgen.",
            "No ground is known for a recipient to receive these data.",
        ),
        Text(
            "Verstrek niet, of neem eerst een besluit dat deze ontvanger dekt (Wpg 19 of 20). "
            "Is al verstrekt: meld het de ontvanger meteen en laat de gegevens vernietigen (Wpg 4 lid 4).",
            "Do not disclose, or take a decision first that covers this recipient (Wpg 19 or 20). "
            "If it has been disclosed: tell the recipient at once and have the data destroyed (Wpg 4(4)).",
        ),
    ),
    "register-unknown": (
        Text(
            "De handeling noemt iets dat op die dag niet in het register staat: een partij, convenant, bijlage, "
            "activiteit of besluit.",
            "The act names something that is not in the register on that day: a party, covenant, annex, activity "
            "or decision.",
        ),
        Text(
            "Registreer het met zijn geldigheid, of verbeter de verwijzing.",
            "Register it with its validity, or correct the reference.",
        ),
    ),
    "retention-unknown": (
        Text(
            "Geen regel zegt tot wanneer deze gegevens bewaard mogen worden.",
            "No rule says until when these data may be held.",
        ),
        Text(
            "Vul retention in, of noem het convenant met de fase waarvoor de bijlage een termijn geeft.",
            "Fill in retention, or name the covenant with the phase for which its annex gives a term.",
        ),
    ),
    "source-missing": (
        Text(
            "Een open bron is gebruikt zonder vindplaats of zonder moment van vastlegging.",
            "An open source was used without its address or the moment of capture.",
        ),
        Text(
            "Vul source.url en source.capturedAt in.",
            "Fill in source.url and source.capturedAt.",
        ),
    ),
    "source-not-party": (
        Text(
            "De gegevens komen van een partij die geen partner van het convenant is.",
            "The data come from a party that is no partner of the covenant.",
        ),
        Text(
            "Leg vast op welke grond die partij mocht verstrekken; dat zij geen partner is, verbiedt het niet.",
            "Record on what ground that party could disclose; not being a partner does not forbid it.",
        ),
    ),
    "statute-not-of-controller": (
        Text(
            "De genoemde wet geeft de taak aan een ander orgaan dan deze verantwoordelijke.",
            "The statute named gives the task to another body than this controller.",
        ),
        Text(
            "Noem de wet die déze verantwoordelijke de taak geeft, of laat het juiste orgaan handelen.",
            "Name the statute that gives THIS controller the task, or let the right body act.",
        ),
    ),
}
