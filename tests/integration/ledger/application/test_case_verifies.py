"""The case of the seed, sealed and verified whole; and who may have what proven."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli.case.model import read_case
from services.ledger.application.find_provable import FindProvable
from services.ledger.application.prove import ProveOperation
from services.ledger.application.seal_tree import TreeSealer
from services.ledger.application.verify import VerifyLedger
from services.ledger.contract.errors import NotAllowed, NotFound
from services.ledger.contract.messages import Caller, Scope, SubjectIdentifier
from services.ledger.domain.checkpoint import SIGNING_KEY, open_checkpoint
from services.ledger.domain.merkle import verify_inclusion
from services.ledger.storage.audit import open_snapshot
from services.ledger.storage.tree import PostgresTreeStore
from services.ledger.storage.vault_memory import MemoryVault
from services.runtime.embedded_postgres import EmbeddedPostgres
from services.runtime.postgres import SyncPool, sync_pool
from tests.support.case_ledger import CaseLedger, case_ledger
from tests.support.postgres import fresh_database

CASE = Path(__file__).parents[3] / "cases" / "vechtpartijen.yaml"


class Sealed:
    """The case, played, with its trees sealed under a vault of its own."""

    def __init__(self, ledger: CaseLedger, pool: SyncPool) -> None:
        self.ledger, self.pool = ledger, pool
        self.posted = ledger.play()
        ledger.ask(self.posted)
        self.vault = MemoryVault()
        self.store = PostgresTreeStore(pool=pool)
        self.sealer = TreeSealer(store=self.store, vault=self.vault, clock=ledger.clock)

    def prove(self, party: str, scope: Scope, key: str, subject: SubjectIdentifier | None = None) -> list[Any]:
        """The proofs that this caller gets."""
        prove = ProveOperation(
            find=FindProvable(sources=self.ledger.sources), sealer=self.sealer, store=self.store, vault=self.vault
        )
        items: list[Any] = prove(Caller(party=party, scopes=frozenset({scope}), subject=subject), key)["items"]
        return items

    def key(self, number: int) -> str:
        """The public id of the operation of an act."""
        return str(self.posted[number].answers[0][1]["id"])


@pytest.fixture(scope="module", params=[1, 4])
def sealed(request: pytest.FixtureRequest, postgres_server: EmbeddedPostgres) -> Iterator[Sealed]:
    """The case, played and asked once per number of lanes."""
    with (
        fresh_database(postgres_server.conninfo) as database,
        case_ledger(database, read_case(CASE), request.param) as ledger,
        sync_pool(database, name="verify") as pool,
    ):
        yield Sealed(ledger, pool)


def test_the_case_verifies(sealed: Sealed) -> None:
    """Every kind of event that the case leaves, reads included, passes, sealed or not yet."""
    verify = VerifyLedger(
        open_snapshot=lambda: open_snapshot(sealed.pool), public_key=sealed.vault.public_key(SIGNING_KEY)
    )
    before = verify()
    sealed.sealer.seal_all()
    after = verify()
    assert before.findings == after.findings == ()
    assert sum(after.events.values()) > len(sealed.posted)


def test_proofs_come_in_the_order_of_the_receipt(sealed: Sealed) -> None:
    """One item per subject with the position and leaf of the receipt, and each verifies."""
    receipt = sealed.posted[1].answers[0][1]
    items = sealed.prove("college-middelstad", "processing:write", sealed.key(1))
    for field in ("position", "leafHash"):
        assert [item[field] for item in items] == [subject[field] for subject in receipt["subjects"]]
    for item in items:
        origin = item["verifierKey"].split("+")[0]
        checkpoint = open_checkpoint(item["checkpoint"], origin, sealed.vault.public_key(SIGNING_KEY))
        proof = [bytes.fromhex(node) for node in item["proof"]]
        leaf = bytes.fromhex(item["leafHash"])
        assert verify_inclusion(leaf, item["leafIndex"], checkpoint.size, proof, checkpoint.root)


def test_who_may_not_read_gets_no_proof(sealed: Sealed) -> None:
    """Unknown and forbidden are the same; a token without a reading scope is refused; recipient and auditor get it."""
    key = sealed.key(2)
    assert sealed.prove("burgemeester-middelstad", "processing:read", key)
    assert sealed.prove("college-middelstad", "audit", key)
    for party, wanted in (("bewonersorganisatie", key), ("college-middelstad", "no-such-operation")):
        with pytest.raises(NotFound):
            sealed.prove(party, "processing:read", wanted)
    with pytest.raises(NotAllowed):
        sealed.prove("college-middelstad", "governance", key)


def test_a_person_gets_proofs_of_his_own_lines_only(sealed: Sealed) -> None:
    """A citizen's token proves his own event of an operation and no one else's."""
    subject = SubjectIdentifier(id_type="BSN", id="999990019")
    items = sealed.prove("college-middelstad", "subject:access", sealed.key(1), subject)
    own = sealed.posted[1].answers[0][1]["subjects"][0]["position"]
    assert [item["position"] for item in items] == [own]
