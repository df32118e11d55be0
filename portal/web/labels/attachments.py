"""In which words do we say what is wrong with a file, and what a file without a name is called?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.rules.attachments import FileProblem, FilePurpose, FileState
from portal.web.i18n import N_

PROBLEMS = {
    FileProblem.EMPTY: N_("This file is empty. Choose it again, or take a new photo."),
    FileProblem.TOO_BIG: N_(
        "This photo is larger than 10 MB. Choose a smaller photo, or take a screenshot of it."
    ),
    FileProblem.TOO_MANY: N_("You can send 5 files at once. Send the others with a second message."),
    FileProblem.CLAIM_FULL: N_("There are too many files in this case already. Send the document by post, or call us."),
    FileProblem.WRONG_TYPE: N_("We cannot open this file. Choose a photo (JPG, PNG) or a PDF."),
    FileProblem.LYING_TYPE: N_("The name of this file does not fit what is in it. Choose a photo (JPG, PNG) or a PDF."),
    FileProblem.EXTRA_DATA: N_(
        "There is something more in this file than a picture. Take a screenshot of it and send that."
    ),
    FileProblem.TOO_MANY_PIXELS: N_(
        "This picture is too large to open. Choose a smaller photo, or take a screenshot of it."
    ),
    FileProblem.TOO_MANY_PAGES: N_("This PDF has more than 100 pages. Send only the pages that matter."),
    FileProblem.TOO_COMPLEX: N_("We cannot open this file. Take a photo or a screenshot of it and send that."),
    FileProblem.ENCRYPTED: N_("This PDF is locked with a password. Send it without a password, or as a photo."),
    FileProblem.BROKEN: N_("This file is damaged or was cut off. Choose it again, or take a new photo."),
    FileProblem.INFECTED: N_("Our virus check does not let this file through. Send the document as a photo."),
    FileProblem.STORAGE_FULL: N_(
        "We can't take files at the moment. Send your text without a file, and the file later."
    ),
}
PURPOSES = {
    FilePurpose.DRAFT: N_("File"),
    FilePurpose.MESSAGE: N_("File"),
    FilePurpose.DISPUTE: N_("Proof"),
    FilePurpose.HARDSHIP: N_("Document"),
    FilePurpose.EVIDENCE: N_("Document"),
    FilePurpose.BOOKING: N_("Proof of payment"),
}
STATES = {
    FileState.RECEIVED: N_("being checked"),
    FileState.READY: N_("ready"),
    FileState.REJECTED: N_("could not be opened"),
    FileState.DAMAGED: N_("damaged, send it again"),
}

LABELS: dict[type[StrEnum], Mapping[Any, str]] = {
    FileProblem: PROBLEMS,
    FilePurpose: PURPOSES,
    FileState: STATES,
}
