//! The binary: hands the arguments and the themes that come with it to the command line.

/// The themes that come with the program; listed by `build.rs`.
const THEMES: weekmark::source::Builtin = include!(concat!(env!("OUT_DIR"), "/themes.rs"));

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    weekmark::cli::run(THEMES)
}
