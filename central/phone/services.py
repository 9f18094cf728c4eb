"""What the central system knows of charges on telephones, as one object."""

from central.clock import Clock
from central.feed import Feed
from central.phone.following import SessionPages
from central.phone.full_invoices import FullInvoices
from central.phone.preferences import Preferences
from central.phone.problems import Problems
from central.phone.search import ReceiptSearch
from central.storage.store import Store


class PhoneServices:
    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self.pages = SessionPages(store, clock, feed)
        self.preferences = Preferences(store)
        self.problems = Problems(store, clock, feed)
        self.full_invoices = FullInvoices(store, clock, feed)
        self.search = ReceiptSearch(store.database)
