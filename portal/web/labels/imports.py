"""How does taking in a file of claims read: the columns, what stands against a row, and what to look at?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.actions.import_evidence import NameProblem
from portal.rules.import_rows import Light, RowProblem
from portal.rules.import_stages import GivenProblem, Stage
from portal.rules.imports import Column, RowFault, TableFault
from portal.rules.openings import OpeningProblem
from portal.web.i18n import N_

COLUMNS = {
    Column.REFERENCE: N_("Case number"),
    Column.DEBTOR_NAME: N_("Name"),
    Column.DEBTOR_KIND: N_("Person or company"),
    Column.CONTACT_NAME: N_("Contact person at the company"),
    Column.STREET: N_("Street"),
    Column.HOUSE_NUMBER: N_("House number"),
    Column.POSTCODE: N_("Postcode"),
    Column.TOWN: N_("Town"),
    Column.COUNTRY: N_("Country"),
    Column.LANGUAGE: N_("Language of the letter"),
    Column.BIRTH_DATE: N_("Date of birth"),
    Column.CUSTOMER_NUMBER: N_("Customer number"),
    Column.EMAIL: N_("E-mail address"),
    Column.PHONE: N_("Telephone"),
    Column.TITLE: N_("What the invoice is for"),
    Column.INVOICE_NUMBER: N_("Invoice number"),
    Column.INVOICE_DATE: N_("Date of the invoice"),
    Column.DUE_DATE: N_("Due date"),
    Column.CURRENCY: N_("Currency"),
    Column.PRINCIPAL: N_("Amount of the invoice"),
    Column.INTEREST_FROM: N_("First day of interest"),
    Column.INTEREST_REASON: N_("Why interest begins on that day"),
    Column.INTEREST_RATE: N_("Interest in percent a year"),
    Column.REMINDER_FEE: N_("Reminder fee"),
    Column.COLLECTION_COST: N_("Collection costs"),
    Column.FEE_BASIS: N_("What the costs rest on"),
    Column.PAID_SO_FAR: N_("Paid so far"),
    Column.EVIDENCE: N_("File names of documents"),
    Column.CONTACT: N_("Who answers (e-mail address)"),
}
FILE_FAULTS = {
    TableFault.EMPTY: N_("The file is empty."),
    TableFault.TOO_LARGE: N_("The file is too large. Split it, each part up to 50 MB."),
    TableFault.OLD_FORMAT: N_("This is an old or encrypted Excel file. Save it as XLSX or CSV."),
    TableFault.DAMAGED: N_("The spreadsheet can't be opened; it is damaged or not an XLSX file."),
    TableFault.ENCODING: N_("The file's letters can't be read. Save it as CSV in UTF-8."),
    TableFault.NO_HEADER: N_("The first line must name the columns."),
    TableFault.TOO_MANY_COLUMNS: N_("The file has more than 200 columns."),
    TableFault.COLUMNS_MISSING: N_("These columns are missing: %(columns)s."),
}
ROW_FAULTS = {
    RowFault.UNREADABLE: N_("The quotation marks in this row don't match."),
    RowFault.TOO_MANY_CELLS: N_("The row has more cells than there are columns."),
    RowFault.CELL_TOO_LONG: N_("A cell in this row is too long."),
    RowFault.HIDDEN_SIGNS: N_("The row has signs that nobody can see. Type the cells again."),
    RowFault.FORMULA: N_("A cell is a formula. Only its value can be taken."),
}
ROW_PROBLEMS = {
    RowProblem.TEXT_TOO_LONG: N_("A text in this row has more than 200 characters."),
    RowProblem.REFERENCE_IS_ACCOUNT: N_("The case number is an account number (IBAN)."),
    RowProblem.TWICE_IN_FILE: N_("Line %(line)s has the same case number."),
    RowProblem.KIND_UNKNOWN: N_("Write person or company for who owes."),
    RowProblem.COUNTRY_UNKNOWN: N_("The country is not known. Write two letters, for example CH."),
    RowProblem.LANGUAGE_UNKNOWN: N_("The language is not known. Write de, fr, it or en."),
    RowProblem.CURRENCY_UNKNOWN: N_("The currency is not known. Write CHF or EUR."),
    RowProblem.PAID_UNREADABLE: N_("Enter what was paid so far, for example 40.00, or leave the cell empty."),
    RowProblem.PAID_TOO_HIGH: N_("What was paid so far is more than the invoice."),
    RowProblem.DIFFERS: N_("There is a case with this number already, and it differs in: %(columns)s."),
    RowProblem.MONEY_DIFFERS: N_(
        "There is a case with this number already, and it differs in: %(columns)s. Money is corrected at the desk."
    ),
    RowProblem.TOO_MANY_DOCUMENTS: N_("The row names more than 50 documents."),
}
NAME_PROBLEMS = {
    NameProblem.TWICE: N_("There are two documents with this name, so neither was taken."),
}
LIGHTS = {
    Light.EVIDENCE_MISSING: N_("evidence missing"),
    Light.ADDRESS_UNCLEAR: N_("address unclear"),
    Light.LOOKS_LIKE_A_DUPLICATE: N_("looks like a duplicate"),
    Light.LANGUAGE_GUESSED: N_("language guessed"),
    Light.LIMITATION_NEAR: N_("perhaps out of time soon"),
    Light.SMALL: N_("small amount"),
}
#: What is said on a form would mislead about a row of a file.
IN_A_FILE = {
    OpeningProblem.CLERK_MISSING: N_("Nobody here who answers people has this e-mail address."),
    OpeningProblem.COST_NOT_BY_DEFAULT: N_(
        "Private persons are not asked for collection costs, because courts judge differently whether they are owed "
        "(%(cost_law)s). Leave the cell empty, or open this case by hand."
    ),
    OpeningProblem.RATE_TWICE: N_("The row names two rates. Leave one of them."),
    OpeningProblem.NOT_DUE_YET: N_("The invoice is not due yet. Give the row again after that day."),
}
STAGES = {
    Stage.COLUMNS: N_("Columns to confirm"),
    Stage.CHECKING: N_("Being checked"),
    Stage.CHECKED: N_("Checked, not brought in"),
    Stage.ASKED: N_("Being brought in"),
    Stage.WRITING: N_("Being brought in"),
    Stage.BROKEN: N_("Not finished"),
    Stage.DONE: N_("Brought in"),
    Stage.UNDOING: N_("Being taken back"),
    Stage.UNDONE: N_("Import taken back"),
}
TINTS = {
    Stage.COLUMNS: "wait", Stage.CHECKED: "wait", Stage.BROKEN: "wait", Stage.DONE: "good", Stage.UNDONE: "pause",
}  # fmt: skip
GIVEN_PROBLEMS = {
    GivenProblem.FILE_MISSING: N_("Choose the file with your open invoices."),
    GivenProblem.NO_TABLE: N_("This is a picture or a PDF. Choose the list itself, as CSV or XLSX."),
    GivenProblem.NO_ROWS: N_("The file names its columns, but there is no row below them."),
    GivenProblem.ANOTHER_RUNS: N_("Another file is being brought in. Wait until it is done, or take it back first."),
    GivenProblem.NOTHING_READY: N_("There is no row that can be brought in."),
    GivenProblem.FILE_GONE: N_("The file can't be read any more. Hand it in again."),
    GivenProblem.TOO_MANY_DOCUMENTS: N_("That is more than 2,000 documents or 1 GB. Bring in what is here first."),
    GivenProblem.STAYS: N_(
        "Something has happened on each of these cases, so none can be taken back. Each can be waived on its own page."
    ),
    GivenProblem.TOO_LATE: N_("More than 24 hours have passed, so the cases stay. Each can be waived on its own page."),
}
ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252", "xlsx": "Excel (XLSX)",
}  # fmt: skip
SEPARATORS = {
    ";": N_("semicolons between the cells"), ",": N_("commas between the cells"), "\t": N_("tabs between the cells"),
    "|": N_("bars between the cells"),
}  # fmt: skip
FIELDS: dict[type[StrEnum], Mapping[Any, str]] = {GivenProblem: dict.fromkeys(GivenProblem, "file")}
LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    Column: COLUMNS,
    TableFault: FILE_FAULTS,
    RowFault: ROW_FAULTS,
    RowProblem: ROW_PROBLEMS,
    Light: LIGHTS,
    NameProblem: NAME_PROBLEMS,
    Stage: STAGES,
    GivenProblem: GIVEN_PROBLEMS,
}
