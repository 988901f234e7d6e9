"""Checks on buckets and counters: where a finding starts and where it ends."""

from __future__ import annotations

import json

import pytest

from tests.scenarios.repository import BASE, CLIENT, ROOT, codes, found, read, with_keys

LOADER = "configs/charts/gopls/package-loader.yaml"


def with_buckets(buckets: list[str]) -> list[str]:
    """Return the codes found on a partition with these buckets."""
    return codes(with_keys(BASE, CLIENT, f"buckets: {json.dumps(buckets, ensure_ascii=False)}\n"))


class TestPartitionWithoutOther:
    @pytest.mark.parametrize(
        "buckets",
        [
            ["true", "false"],
            ["false", "true"],
            ["on", "off"],
            ["no", "yes"],
            ["a", "other"],
            ["other"],
            ["a"],
        ],
    )
    def test_sets_that_leave_nothing_out(self, buckets: list[str]) -> None:
        assert with_buckets(buckets) == []

    @pytest.mark.parametrize(
        "buckets",
        [["a", "b"], ["true", "off"], ["true", "false", "unset"], ["a", "Other"], ["a", "others"]],
    )
    def test_sets_that_may(self, buckets: list[str]) -> None:
        assert with_buckets(buckets) == ["CC206"]

    def test_a_histogram_has_no_other(self) -> None:
        keys = 'type: histogram\nbuckets: ["1", "2-9", "10"]\n'
        assert codes(with_keys(BASE, CLIENT, keys)) == []


class TestSimilarCounters:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("gopls/codelens", "gopls/codelenses"),
            ("gopls/client", "gopls/clients"),
            ("gopls/build-cache", "gopls/buildcache"),
            ("gopls/build_cache", "gopls/build-cache"),
            ("gopls/Client", "gopls/client"),
            ("gopls/vulncheck", "gopls/vulnchek"),
            ("gopls/vulncheck", "gopls/vulmcheck"),
            ("gopls/codelens/run", "gopls/codelenses/run"),
        ],
    )
    def test_names_of_which_one_is_likely_a_slip(self, one: str, other: str) -> None:
        assert self.near(one, other)
        assert self.near(other, one)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("gopls/goversion-1", "gopls/goversion-2"),
            ("gopls/goversion", "gopls/goversion1"),
            ("gopls/h2", "gopls/h3"),
            ("gopls/rename", "gopls/extract"),
            ("gopls/vulncheck", "gopls/vulmchek"),
            ("gopls/a", "gopls/b"),
            ("gopls/client", "gopls/client/run"),
        ],
    )
    def test_names_that_are_different_words(self, one: str, other: str) -> None:
        assert not self.near(one, other)
        assert not self.near(other, one)

    def near(self, one: str, other: str) -> bool:
        files = with_keys(BASE, CLIENT, f"counter: {one}\n")
        diagnostics = found(with_keys(files, LOADER, f"counter: {other}\n"))
        if not diagnostics:
            return False
        (diagnostic,) = diagnostics
        assert diagnostic.code == "CC207"
        assert diagnostic.message == f"`{other}` is almost `{one}`"
        assert diagnostic.span is not None
        assert diagnostic.span.path == LOADER
        assert [span.path for span, _ in diagnostic.related] == [CLIENT]
        return True

    def test_other_programs_have_names_of_their_own(self) -> None:
        files = with_keys(BASE, "configs/programs/compile.yaml", "prefixes: [compile, gopls]\n")
        assert (
            codes(with_keys(files, "configs/charts/compile/bug.yaml", "counter: gopls/clients\n"))
            == []
        )


class TestPrivacy:
    """A bucket is a fixed word of the program, nothing that says whose machine it is."""

    @pytest.mark.parametrize(
        ("code", "buckets"),
        [
            (
                "CC501",
                [
                    "/usr/local",
                    "./x",
                    "../x",
                    "~/go",
                    "~ian/go",
                    "a\\b",
                    "cmd/go/main.go",
                    "a/b.go",
                ],
            ),
            (
                "CC502",
                ["localhost", "www.example", "mail.example.com", "golang.org", "Build.Corp"],
            ),
            ("CC503", ["ian@example.org", "10.0.0.1", "192.168.255.255"]),
            (
                "CC504",
                [
                    "x" * 65,
                    "why-does-this-take-so-long-on-my-machine",
                    "why?",
                    "done!",
                    "0123456789abcdef",
                    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
                    "123e4567-e89b-12d3-a456-426614174000",
                ],
            ),
            ("CC506", ["@ian", "~ian", "user=ian", "username-ian", "uid=1000"]),
            ("CC507", ["<name>", "%s", "go-%v", "$HOME", "$(uname)", "*", "go*"]),
        ],
    )
    def test_buckets_that_say_who(self, code: str, buckets: list[str]) -> None:
        for bucket in buckets:
            assert with_buckets([bucket, "other"]) == [code], bucket

    @pytest.mark.parametrize("owner", ["@rsc", "rsc@example.org", "@golang/rsc"])
    def test_a_bucket_with_the_name_of_an_owner(self, owner: str) -> None:
        files = with_keys(BASE, CLIENT, f'owners: ["{owner}"]\nbuckets: [RSC, other]\n')
        assert codes(files) == (["CC506"] if owner == "@rsc" else [])

    @pytest.mark.parametrize(
        "bucket",
        "go1.21.3 v1.20 1.20 >=10 <0.1 10-19 0.1% gopls/vet linux/amd64 c++ x86-64 sse2 go.mod "
        "vscode-insiders vim.lsp deadbeefdeadbeef 123456789012345 a+b userspace other... ~10 "
        "GOFLAGS=-mod build:shared".split(),
    )
    def test_buckets_that_are_words_of_a_program(self, bucket: str) -> None:
        assert with_buckets([bucket.replace(":", "-"), "other"]) == []

    def test_every_bucket_of_the_go_toolchain_is_such_a_word(self) -> None:
        files = {f"configs/{path}": data for path, data in read(ROOT / "configs").items()}
        assert not {code for code in codes(files) if code.startswith("CC5")}

    def test_one_bucket_more_than_the_budget(self) -> None:
        eight = [f"word-{number}" for number in range(7)] + ["other"]
        assert with_buckets(eight) == []
        assert with_buckets(["one-more", *eight]) == ["CC505"]
