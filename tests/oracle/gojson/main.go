// Command gojson answers, for chartconfig's tests, what Go itself does: it reads one request as
// JSON from standard input and writes one reply as JSON to standard output.
package main

import (
	"encoding/json"
	"go/version"
	"log"
	"os"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// The collection config, in the shape that golang.org/x/telemetry gives it.
type config struct {
	GOOS, GOARCH, GoVersion []string
	SampleRate              float64
	Programs                []*program
}

type program struct {
	Name             string
	Versions         []string
	Counters, Stacks []counter `json:",omitempty"`
}

type counter struct {
	Name  string
	Rate  float64
	Depth int `json:",omitempty"`
}

type request struct {
	Configs           []config // to encode
	ToolchainVersions []string // to check and compare
	ModuleVersions    []string // likewise
	Paths             []string // of modules, to check and escape
	FileNames         []string // in modules, to check
	GoMods            [][]byte // to parse and format
	Zips              []zipped // of modules, to check, read and hash
}

type reply struct {
	Configs           [][]byte
	ToolchainVersions versions
	ModuleVersions    versions
	Canonical         []string // of ModuleVersions; "" for an invalid one
	Paths             []path
	FileNames         []string // the reason against each; "" for a valid one
	GoMods            []goMod
	Zips              []unzipped
}

type versions struct {
	Valid []bool
	Order [][]int // Order[i][j] compares version i with version j
}

type path struct {
	Invalid string // the reason; "" for a valid path
	Escaped string
	Major   string // "/v2" and the like
}

type goMod struct {
	Invalid     string // the reason; "" for a valid file
	Module      string
	Retractions [][]string // low, high and why
	Formatted   []byte
}

func judge(list []string, valid func(string) bool, compare func(x, y string) int) (v versions) {
	for _, x := range list {
		v.Valid = append(v.Valid, valid(x))
		row := make([]int, 0, len(list))
		for _, y := range list {
			row = append(row, compare(x, y))
		}
		v.Order = append(v.Order, row)
	}
	return v
}

func answer(asked request) (given reply, err error) {
	for _, c := range asked.Configs {
		data, err := json.MarshalIndent(c, "", "\t")
		if err != nil {
			return given, err
		}
		given.Configs = append(given.Configs, data)
	}
	given.ToolchainVersions = judge(asked.ToolchainVersions, version.IsValid, version.Compare)
	given.ModuleVersions = judge(asked.ModuleVersions, semver.IsValid, semver.Compare)
	for _, v := range asked.ModuleVersions {
		given.Canonical = append(given.Canonical, semver.Canonical(v))
	}
	for _, p := range asked.Paths {
		var judged path
		if err := module.CheckPath(p); err != nil {
			judged.Invalid = err.Error()
		} else {
			_, judged.Major, _ = module.SplitPathVersion(p)
			judged.Escaped, err = module.EscapePath(p)
			if err != nil {
				return given, err
			}
		}
		given.Paths = append(given.Paths, judged)
	}
	for _, name := range asked.FileNames {
		reason := ""
		if err := module.CheckFilePath(name); err != nil {
			reason = err.Error()
		}
		given.FileNames = append(given.FileNames, reason)
	}
	for _, data := range asked.GoMods {
		given.GoMods = append(given.GoMods, parseGoMod(data))
	}
	for _, z := range asked.Zips {
		given.Zips = append(given.Zips, unzip(z))
	}
	return given, nil
}

func parseGoMod(data []byte) (judged goMod) {
	file, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		judged.Invalid = err.Error()
		return judged
	}
	judged.Module = file.Module.Mod.Path
	for _, r := range file.Retract {
		judged.Retractions = append(judged.Retractions, []string{r.Low, r.High, r.Rationale})
	}
	if judged.Formatted, err = file.Format(); err != nil {
		judged.Invalid = err.Error()
	}
	return judged
}

func main() {
	var asked request
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	given, err := answer(asked)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(given); err != nil {
		log.Fatal(err)
	}
}
