"""Codes on privacy: buckets that could say who somebody is or what they do."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC501",
        name="bucket-is-path",
        severity=Severity.WARNING,
        finds="A bucket looks like the path of a file or folder.",
        why=(
            "Paths hold names of people, employers and projects, and a program that counts one "
            "path tends to count whatever path it meets. Buckets are fixed words that the program "
            "chooses, so that a report cannot say where somebody works."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [/usr/bin/nvim, /usr/bin/emacs, other]\n",
        after="buckets: [neovim, emacs, other]\n",
    ),
    Rule(
        code="CC502",
        name="bucket-is-host",
        severity=Severity.WARNING,
        finds="A bucket looks like the name of a host.",
        why=(
            "The hosts that an installation talks to tell whose network it is in. One public host "
            "in a list is harmless; the next proposal adds a company's own, and its employees "
            "stand out in every report."
        ),
        file="charts/gopls/package-loader.yaml",
        before="buckets: [proxy.golang.org, goproxy.corp, other]\n",
        after="buckets: [public-proxy, private-proxy, other]\n",
    ),
    Rule(
        code="CC503",
        name="bucket-is-address",
        severity=Severity.ERROR,
        finds="A bucket looks like a mail address or a network address.",
        why=(
            "It names one person or one machine. A report that carries it is personal data, and "
            "no reviewer can agree to that on behalf of the installation."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [gopher@example.com, other]\n",
        after="buckets: [signed-in, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC504",
        name="bucket-is-free-text",
        severity=Severity.WARNING,
        finds="A bucket looks like a sentence, an error message, a digest or an identifier.",
        why=(
            "Free text can hold anything that a user typed, and a digest of it can be guessed "
            "back. It also changes with every release, and clients match names exactly, so the "
            "bucket stays at zero after the next change of wording."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [could-not-find-a-module-for-the-package-in-the-workspace, other]\n",
        after="buckets: [no-module, other]\n",
    ),
    Rule(
        code="CC505",
        name="too-many-buckets",
        severity=Severity.ERROR,
        finds="A chart has more buckets than collection.yaml allows.",
        why=(
            "Each bucket is one more thing that a report can say about an installation, and a "
            "combination of many sets single ones apart. With a margin for all buckets at once, "
            "it also means more reports for the same promise."
        ),
        file="charts/gopls/client.yaml",
        before="""\
buckets: [vscode, vscodium, cursor, neovim, vim, emacs, zed, helix, other]
""",
        after="""\
buckets: [vscode, neovim, vim, emacs, zed, helix, other]
""",
        ignorable=False,
    ),
    Rule(
        code="CC506",
        name="bucket-is-person",
        severity=Severity.WARNING,
        finds="A bucket looks like the name or handle of a person.",
        why=(
            "A count for one person is a record of what that person does, and everybody who has "
            "the published data can read it."
        ),
        file="charts/gopls/client.yaml",
        before='buckets: ["@gopher", other]\n',
        after="buckets: [maintainer, other]\n",
    ),
    Rule(
        code="CC507",
        name="bucket-is-placeholder",
        severity=Severity.WARNING,
        finds="A bucket looks like a pattern or a variable that somebody should fill in.",
        why=(
            "Clients match names byte by byte and know no patterns, so the bucket is never "
            "counted. What its author has in mind, a bucket for every value that occurs, is "
            "exactly what must not be collected."
        ),
        file="charts/gopls/client.yaml",
        before='buckets: [vscode, "$EDITOR", other]\n',
        after="buckets: [vscode, neovim, other]\n",
    ),
)
