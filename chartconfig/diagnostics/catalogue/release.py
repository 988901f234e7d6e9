"""Codes on commands: what they read besides charts, and what they write."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC901",
        name="malformed-config",
        severity=Severity.ERROR,
        finds="A compiled config is not what an existing client would read as it is meant.",
        why=(
            "Clients read keys without regard to case and let the last one win, and do nothing "
            "at all when a type is wrong, the file begins with a mark or something follows its "
            "end. Such a config silences every installation until the next one, or asks for "
            "something that nobody sees in it."
        ),
        file="",
        before="""\
$ cat config.json
{"GOOS": ["linux"], "Programs": [null]}
""",
        after="""\
$ chartconfig compile -o build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC902",
        name="cannot-write",
        severity=Severity.ERROR,
        finds="An output cannot be written: the disk is full, or the folder may not be changed.",
        why=(
            "Outputs appear whole or not at all, so what stood there before still stands. Half a "
            "config would be read by clients as a smaller one, and what is missing would no "
            "longer be collected."
        ),
        file="",
        before="""\
$ chartconfig compile -o /mnt/full/build
""",
        after="""\
$ df -h /mnt/full
$ chartconfig compile -o build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC903",
        name="output-in-the-way",
        severity=Severity.ERROR,
        finds="The output exists and is not something that chartconfig wrote.",
        why=(
            "An output is replaced as a whole. Were anything accepted as the place for it, a slip "
            "in a path would delete a folder of somebody's work."
        ),
        file="",
        before="""\
$ chartconfig compile -o ~/Documents
""",
        after="""\
$ chartconfig compile -o ~/Documents/build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC904",
        name="git",
        severity=Severity.ERROR,
        finds="Git cannot give what was asked for: no repository, or no such revision.",
        why=(
            "The source commit stands in manifest.json, and everybody who rebuilds the config "
            "starts from it. Without it nobody could show that the config is what was reviewed."
        ),
        file="",
        before="""\
$ chartconfig compile -o build --at v1.2.O
""",
        after="""\
$ git tag --list
$ chartconfig compile -o build --at v1.2.0
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC905",
        name="malformed-charts",
        severity=Severity.ERROR,
        finds="A charts.json is not one that compile wrote.",
        why=(
            "It says what each published number is worth, and which reports count for it. Read as "
            "something else than was meant, it would make a broken promise look kept, or a kept "
            "one broken."
        ),
        file="",
        before="""\
$ cat build/charts.json
{"format": "chartconfig/charts/v1", "charts": [{"id": "gopls/client"}]}
$ chartconfig simulate --compiled build
""",
        after="""\
$ chartconfig compile -o build
$ chartconfig simulate --compiled build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC906",
        name="malformed-report",
        severity=Severity.ERROR,
        finds="A line of published reports is not a report as the client of Go writes it.",
        why=(
            "A report that is passed over is missing from every share, and nobody could tell: "
            "reports are not lost at random, but those of one platform or one version are."
        ),
        file="",
        before="""\
$ head -c 200 2026-11-20.json
{"Week": "2026-11-20", "X": "0.0123", "Programs": null}
""",
        after="""\
$ head -c 200 2026-11-20.json
{"Week": "2026-11-20", "X": 0.0123, "Programs": null}
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC907",
        name="broken-promise",
        severity=Severity.ERROR,
        finds="In simulated fleets, a chart's promise holds less often than its confidence says.",
        why=(
            "Whoever reads the published number takes it to be within its margin. If the config "
            "collects a counter less often than that needs, or not at all, the number is further "
            "from the truth than anybody can see from it."
        ),
        file="",
        before="""\
$ chartconfig compile -o build
$ sed -i 's/"Rate": 0.05248/"Rate": 0.04/' build/config.json
$ chartconfig simulate --compiled build
""",
        after="""\
$ chartconfig compile -o build
$ chartconfig simulate --compiled build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC908",
        name="malformed-module",
        severity=Severity.ERROR,
        finds="A file of a published module is not one that chartconfig publishes.",
        why=(
            "Published files are hashed, and everybody has to get the same out of them. A zip with "
            "two names for one file, or a go.mod that another go command reads in another way, "
            "would give two people two configs under one hash."
        ),
        file="",
        before="""\
$ zip -q v1.4.0.zip -z <<< "a comment"
$ chartconfig verify site --key key.pub
""",
        after="""\
$ chartconfig publish site --key key --all
$ chartconfig verify site --key key.pub
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC909",
        name="site-in-use",
        severity=Severity.ERROR,
        finds="Another process is writing the site.",
        why=(
            "Two publishers at once would each sign a tree of one size with another record in it. "
            "Every client that saw the one takes the other for a fork, and rightly so."
        ),
        file="",
        before="""\
$ chartconfig publish public --key log.key & chartconfig publish public --key log.key
""",
        after="""\
$ chartconfig publish public --key log.key
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC910",
        name="unusable-key",
        severity=Severity.ERROR,
        finds="What is given as a key is none, or a secret key that others can read.",
        why=(
            "Whoever has the secret key of a log can make it say anything to anybody. One that "
            "others could read is no longer its owner's word alone, and a verifier key that is not "
            "the one that was meant verifies nothing."
        ),
        file="",
        before="""\
$ chmod 644 log.key
$ chartconfig publish public --key log.key
""",
        after="""\
$ chmod 600 log.key
$ chartconfig publish public --key log.key
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC911",
        name="out-of-order",
        severity=Severity.ERROR,
        finds="A version cannot be published now: it is no release, or its turn is another one.",
        why=(
            "The log and the list say in which order versions came. One that is published after a "
            "newer one, or before an older one that is still to come, would be new to nobody, or "
            "would keep the other one from ever being published."
        ),
        file="",
        before="""\
$ chartconfig publish public --key log.key --version v1.2.0
""",
        after="""\
$ chartconfig publish public --key log.key --all
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC912",
        name="not-what-was-released",
        severity=Severity.ERROR,
        finds="What a tag compiles to is not what its message says that was released.",
        why=(
            "A maintainer looked at one config and signed its hash; this is another. Another "
            "version of chartconfig may compile otherwise. Once published, it could not be taken "
            "back."
        ),
        file="",
        before="""\
$ chartconfig publish public --key log.key
""",
        after="""\
$ pip install chartconfig==0.1.0
$ chartconfig publish public --key log.key
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC913",
        name="another-log",
        severity=Severity.ERROR,
        finds="The key is of another log than the one that the site holds.",
        why=(
            "Clients know a log by its name and key. A second log beside the first would hold the "
            "new versions only, and whoever follows the first would never see them."
        ),
        file="",
        before="""\
$ chartconfig keygen example.com/new-log -o new.key
$ chartconfig publish public --key new.key
""",
        after="""\
$ chartconfig publish public --key log.key
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC914",
        name="unreadable-site",
        severity=Severity.ERROR,
        finds="A file of a published site is there and cannot be read.",
        why=(
            "What is published next continues what is there. Taken for absent, the file would be "
            "written anew, and perhaps not with the same bytes."
        ),
        file="",
        before="""\
$ chmod 000 public/sumdb
$ chartconfig publish public --key log.key
""",
        after="""\
$ chmod 755 public/sumdb
$ chartconfig publish public --key log.key
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC915",
        name="not-clean",
        severity=Severity.ERROR,
        finds="The work tree has changes that are not committed, and a release is of a commit.",
        why=(
            "A released version can be compiled again by anybody, from its commit. What was never "
            "committed would be missing from it, or be taken along unseen by any reviewer."
        ),
        file="",
        before="""\
$ git status --short
 M configs/charts/gopls/client.yaml
$ chartconfig release
""",
        after="""\
$ git commit --all --message "Ask for editors again"
$ chartconfig release
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC916",
        name="wrong-branch",
        severity=Severity.ERROR,
        finds="Another branch is checked out than the one that versions are released from.",
        why=(
            "Charts on another branch have not been reviewed. policy.yaml names the branch whose "
            "charts have been; without it, that is main."
        ),
        file="",
        before="""\
$ git switch try-something
$ chartconfig release
""",
        after="""\
$ git switch main
$ git merge try-something
$ chartconfig release
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC917",
        name="release-elsewhere",
        severity=Severity.ERROR,
        finds="A release is no part of this branch's history.",
        why=(
            "A new version is compared with the last one and numbered after it. Without that "
            "commit it could take back, unnoticed, what the last one changed, or take a number "
            "that is taken."
        ),
        file="",
        before="""\
$ git switch main
$ chartconfig release
""",
        after="""\
$ git pull --tags
$ chartconfig release
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC918",
        name="withdrawn-config",
        severity=Severity.ERROR,
        finds="The config is the one that a version was withdrawn for, and nothing says so.",
        why=(
            "Whoever withdrew it wanted no installation to use it. Under a new version it would be "
            "the newest again, and be taken up everywhere."
        ),
        file="",
        before="""\
$ chartconfig retract v1.1.0 --reason "Collected the names of branches."
$ git commit --allow-empty --message "Try again"
$ chartconfig release
""",
        after="""\
$ git rm --quiet configs/charts/go/branches.yaml
$ git commit --message "Do not collect the names of branches"
$ chartconfig release
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC919",
        name="unsigned-tag",
        severity=Severity.ERROR,
        finds="A release's tag bears no signature of an allowed signer, under its own name.",
        why=(
            "Anybody who can push could tag a commit that nobody reviewed. The signature shows "
            "that a maintainer has looked at just this version, and configs/allowed_signers says "
            "who may. Whoever is to sign no longer keeps the line there, with "
            'valid-before="20270101" added to it: without it, older tags are refused as well.'
        ),
        file="",
        before="""\
$ git tag v1.2.0
$ chartconfig verify site --key configs/log.pub --repo .
""",
        after="""\
$ git tag --delete v1.2.0
$ git config gpg.format ssh
$ git config user.signingKey ~/.ssh/id_ed25519.pub
$ chartconfig release
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC920",
        name="unreadable-tag",
        severity=Severity.ERROR,
        finds="The message of a tag does not say what was released.",
        why=(
            "It holds the hash of the module that its signer looked at. Without it, what is "
            "published under the tag could be anything that the commit can be made to compile to."
        ),
        file="",
        before="""\
$ git tag --sign v1.2.0 --message "The autumn release"
$ chartconfig publish site --key log.key
""",
        after="""\
$ git tag --delete v1.2.0
$ chartconfig release
""",
        ignorable=False,
        whole=True,
    ),
)
