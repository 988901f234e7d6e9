"""Config governance and a sample-rate compiler for transparent telemetry.

A chart is a question put to installations: which counter, how accurate, until when. chartconfig
reads the charts of a config repository, checks them, computes for each how rarely an installation
needs to report, and compiles a collection config, the file that telemetry clients read:

    documents -> source -> charts -> checks -> sampling -> collection -> files
                 YAML      values    findings  rates       config.json, ...

- `chartconfig.pipeline` is the whole of it, as functions of values: `check` takes documents and
  gives findings and a plan, `build` takes the plan and gives the bytes of every file.
- `chartconfig.sampling` answers by itself: accuracy and population in, rate out.
- `chartconfig.collection` reads and writes config.json byte by byte as Go does; its `audit` tests
  what a compiled config promises, its `estimate` says what published reports are worth.
- `chartconfig.client` fetches a published config: verified by its log's key, or not at all.
- `chartconfig.edge` reads trees and revisions, and writes; `chartconfig.cli` is the command.

    from datetime import date
    from pathlib import Path

    from chartconfig.edge.files import find_place, read_tree
    from chartconfig.pipeline import check

    tree = read_tree(find_place(Path()))
    for finding in check(tree.documents, on=date.today(), unread=tree.unread).diagnostics:
        print(finding.code, finding.span, finding.message)
"""

__version__ = "0.1.0"
