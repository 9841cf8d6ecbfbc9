#!/usr/bin/env bash
# Fuzzes what reads editors' text: tests/fuzz/run.sh [SECONDS for each target, 60 if not said; 0 builds them only]
# Needs a C++ compiler. No nightly compiler is needed, because the program is safe Rust and no sanitizer is used.
# Starts from tests/fuzz/corpus, which is kept. What it finds beyond that lies in target/fuzz/found; a crash stays in
# tests/fuzz/artifacts and ends the run. Again with one file: target/fuzz/HOST/release/TARGET FILE
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-60}
out=$(cd ../.. && pwd)/target/fuzz
mkdir -p "$out"
targets='front_matter components site_yaml'
host=$(rustc -vV | sed -n 's/^host: //p')
# What cargo-fuzz tells the compiler for coverage (its project.rs). Its own compilation takes longer than these three
# targets run here. A host that is named keeps the flags away from build scripts.
flags='--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares'
RUSTC_BOOTSTRAP=1 RUSTFLAGS=$(echo $flags) cargo build --release --target "$host" --target-dir "$out" >"$out/build.log" 2>&1 ||
    { tail -n 60 "$out/build.log"; exit 1; }
[ "$seconds" != 0 ] || exit 0
# Side by side: each has its minutes, and nobody waits for all of them one after the other.
declare -A running
for target in $targets; do
    mkdir -p "artifacts/$target" "corpus/$target" "$out/found/$target"
    "$out/$host/release/$target" -artifact_prefix="artifacts/$target/" -max_total_time="$seconds" -timeout=60 \
        -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -dict=words.txt \
        "$out/found/$target" "corpus/$target" >"$out/$target.log" 2>&1 &
    running[$target]=$!
done
failed=0
for target in $targets; do
    echo "== $target, $seconds s"
    wait "${running[$target]}" || { tail -n 60 "$out/$target.log"; failed=1; }
    grep -E '^stat::(number_of_executed_units|new_units_added)' "$out/$target.log" || failed=1
done
exit $failed
