//! The binary: hands the arguments and the default theme to the command line.

/// The theme that comes with the program; listed by `build.rs`.
const DEFAULT_THEME: weekmark::source::Builtin =
    include!(concat!(env!("OUT_DIR"), "/default_theme.rs"));

fn main() -> std::process::ExitCode {
    weekmark::cli::run(DEFAULT_THEME)
}
