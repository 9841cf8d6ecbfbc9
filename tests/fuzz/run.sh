#!/usr/bin/env bash
# Fuzzes what reads editors' text: tests/fuzz/run.sh [SECONDS for each target, 60 if not said]
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
for target in front_matter components site_yaml; do
    mkdir -p "corpus/$target"
    echo "== $target, $seconds s"
    mkdir -p "$out/found/$target"
    log=$out/$target.log
    cargo fuzz run --fuzz-dir . --target-dir "$out" --sanitizer none "$target" "$out/found/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 -dict=words.txt \
        >"$log" 2>&1 || { tail -n 60 "$log"; exit 1; }
    grep -E '^stat::(number_of_executed_units|new_units_added)' "$log"
done
