"""What was told from the page of a charge is on the desk; an operator's invoice is on the customer's page."""

import pytest

from central.phone.full_invoices import Customer
from central.phone.problems import Problem
from tests.support.desk import a_desk, sign_in
from tests.support.members import World

pytestmark = pytest.mark.usefixtures("both_databases")
RECEIPT = {"number": "R-1", "invoice": "07-000123"}


def a_told_desk() -> World:
    world = a_desk()
    phone = world.system.phone
    phone.problems.report(Problem("CP-1", 2, "", "<b>Stuck</b>", "600 000 000", "eu"))
    customer = Customer("B12345674", "Talleres & Cía", "Kale Nagusia 1")
    asked = phone.full_invoices.ask("CP-1", "R-1", RECEIPT, customer)
    assert asked.number is None
    return world


def test_problems_when_told_then_agents_read_them_and_no_tax_number() -> None:
    world = a_told_desk()
    with world.browser() as agent:
        assert agent.open("/desk/problems").headers["location"] == "/desk/sign-in"
        page = sign_in(agent).open("/desk/problems").text
        for word in ("P-000001", "&lt;b&gt;Stuck", "600 000 000", 'href="/desk/points/CP-1"'):
            assert word in page
        assert "B12345674" not in page
        refused = agent.send("/desk/invoices", point="CP-1", receipt="R-1", number="F-1")
        assert refused.status_code == 403
    assert len(world.system.phone.full_invoices.waiting()) == 1


def test_invoice_when_the_operator_wrote_it_then_its_number_stands() -> None:
    world = a_told_desk()
    with world.browser() as operator:
        assert "B12345674" in sign_in(operator, "jon").open("/desk/problems").text
        form = {"point": "CP-1", "receipt": "R-1"}
        assert operator.send("/desk/invoices", number=" ", **form).status_code == 422
        page = operator.send("/desk/invoices", number="F-2026-7", **form)
        assert "B12345674" not in page.text
        operator.open("/desk/audit")
        again = operator.send("/desk/invoices", number="F-2026-8", **form)
        assert again.status_code == 404
    written = world.system.phone.full_invoices.of("CP-1", "R-1")
    assert written is not None
    assert written.number == "F-2026-7"
    look = world.web.support.audit.entries()[0].look
    assert (look.agent, look.action, look.subject) == ("jon", "invoice.number", "CP-1/R-1")
