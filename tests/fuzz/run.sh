#!/usr/bin/env bash
# Fuzzes what reads editors' text: tests/fuzz/run.sh [SECONDS for each target, 60 if not said; 0 builds them only]
# Needs a C++ compiler. Installs cargo-fuzz beside the targets if there is none. No nightly compiler is needed,
# because the program is safe Rust and no sanitizer is used.
# Starts from tests/fuzz/corpus, which is kept. What it finds beyond that lies in target/fuzz/found; a crash stays in tests/fuzz/artifacts and ends the run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-60}
tool=0.13.2
out=$(cd ../.. && pwd)/target/fuzz
mkdir -p "$out"
if ! command -v cargo-fuzz >/dev/null; then
    [ -x $out/tool/bin/cargo-fuzz ] || cargo install --quiet --locked --version "$tool" --root $out/tool cargo-fuzz
    export PATH="$out/tool/bin:$PATH"
fi
# `cargo-fuzz` asks for coverage by flags that the compiler calls unstable.
export RUSTC_BOOTSTRAP=1
targets='front_matter components site_yaml'
fuzz() { cargo fuzz "$1" --fuzz-dir . --target-dir "$out" --sanitizer none "${@:2}"; }
fuzz build >"$out/build.log" 2>&1 || { tail -n 60 "$out/build.log"; exit 1; }
[ "$seconds" != 0 ] || exit 0
# Side by side: each has its minutes, and nobody waits for all of them one after the other.
declare -A running
for target in $targets; do
    mkdir -p "corpus/$target" "$out/found/$target"
    fuzz run "$target" "$out/found/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -dict=words.txt \
        >"$out/$target.log" 2>&1 &
    running[$target]=$!
done
failed=0
for target in $targets; do
    echo "== $target, $seconds s"
    wait "${running[$target]}" || { tail -n 60 "$out/$target.log"; failed=1; }
    grep -E '^stat::(number_of_executed_units|new_units_added)' "$out/$target.log" || failed=1
done
exit $failed
