"""What `new` writes where people are to write something else; `check` tells while it stands."""

DESCRIPTION = "Replace this with the decision that the answer serves."
ISSUE = "https://example.org/replace/with/the/proposal"
OWNER = "@replace/this"
