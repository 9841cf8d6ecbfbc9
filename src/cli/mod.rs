//! Owns the command line: what was typed, what it means, what is printed and the exit code. The only
//! printer of the program. Must not know how a site is made.
//!
//! Exit code 0: done. 1: the site has errors, all of them printed. 2: the command or the machine is at
//! fault.

mod build;
mod built;
mod check;
mod editor;
mod external;
mod github;
mod leftover;
mod new;
mod pictures;
mod pieces;
mod print;
mod schema;
mod serve;
mod status;
mod texts;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::calendar::Date;
use crate::config::BaseUrl;
use crate::external::USUAL_DAYS;
use crate::source::Builtin;

/// Turns a folder of Markdown into the website of an awareness week.
#[derive(Debug, Parser)]
#[command(name = "weekmark", version, disable_help_subcommand = true, max_term_width = 100)]
struct Line {
    /// The folder of the site
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the site in your browser and follows every save
    Serve(Serve),
    /// Builds the site once into public/, all of it or nothing
    Build(Build),
    /// Says everything that is wrong with the site, without writing it
    Check(Check),
    /// Says what is missing before day one, as a list to work off
    Status(Status),
    /// Starts a site, a page, a year or an event
    #[command(subcommand)]
    New(New),
    /// Prints a JSON Schema, by which editors help while you type
    Schema(Schema),
}

#[derive(Debug, Args)]
struct Serve {
    /// The port to try first
    #[arg(long, value_name = "N", default_value_t = 1111)]
    port: u16,
    /// The address to listen on; 0.0.0.0 lets other devices look
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    bind: std::net::IpAddr,
    /// Opens the site in your browser
    #[arg(long)]
    open: bool,
    /// Shows drafts and held-back pages, marked; "no" shows the site as it will be published
    #[arg(long, value_name = "yes|no", num_args = 0..=1, default_value = "yes", default_missing_value = "yes")]
    drafts: YesNo,
    /// Shows the site as it is on a day, such as 2027-10-12
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    today: Option<Date>,
    /// The editor that the list of problems opens files in: a name, an address with {file}, {line} and
    /// {column}, or none
    #[arg(long, value_name = "NAME", default_value = "vscode", value_parser = editor::Editor::read)]
    editor: editor::Editor,
}

#[derive(Debug, Args)]
struct Build {
    /// The folder to build into
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The address that the site will have; replaces base_url of site.yaml
    #[arg(long, value_name = "URL", value_parser = read_base_url)]
    base_url: Option<BaseUrl>,
    /// Builds drafts and held-back pages too
    #[arg(long)]
    drafts: bool,
    /// Builds the site as it is on a day, such as 2027-10-12
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    today: Option<Date>,
    /// Takes warnings for errors
    #[arg(long)]
    strict: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Says for each output why it was made
    #[arg(long)]
    explain: bool,
    /// Says how long each phase took
    #[arg(long)]
    timings: bool,
    /// Says what the first view of each page weighs
    #[arg(long)]
    weights: bool,
}

#[derive(Debug, Args)]
struct Check {
    /// Checks the site as it is on a day, such as 2027-10-12
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    today: Option<Date>,
    /// Takes warnings for errors
    #[arg(long)]
    strict: bool,
    /// Also asks the network whether the links to other sites work
    #[arg(long)]
    external: bool,
    /// Asks again about outside links that were answered longer ago; 0 asks about all
    #[arg(long, value_name = "DAYS", requires = "external", default_value_t = USUAL_DAYS)]
    max_age: u32,
    /// How to print the result; github is for its workflows
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

#[derive(Debug, Args)]
struct Status {
    /// Looks at the site as it is on a day, such as 2027-10-12
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    today: Option<Date>,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum New {
    /// Starts a site in a new folder
    Site {
        /// The folder to make
        dir: PathBuf,
    },
    /// Starts a page, such as "careers/mentors" or "Career paths"
    Page {
        /// Its place below content/, or its title
        path: String,
    },
    /// Sets a year up, keeps the one before, and lists what still says an old year
    Year {
        /// The year, such as 2027
        #[arg(value_parser = read_year)]
        year: i16,
        /// The first day, where the rule of site.yaml does not say it
        #[arg(long, value_name = "DATE", value_parser = read_date, requires = "end")]
        start: Option<Date>,
        /// The last day
        #[arg(long, value_name = "DATE", value_parser = read_date, requires = "start")]
        end: Option<Date>,
        /// The day that counts as today
        #[arg(long, value_name = "DATE", value_parser = read_date)]
        today: Option<Date>,
    },
    /// Starts the page of an event, such as "Coffee hour"
    Event {
        /// What it is called
        title: String,
        /// When it starts, such as "2027-10-12 12:00"; a day alone is the whole day
        #[arg(long, value_name = "WHEN")]
        start: Option<String>,
        /// When it ends: the same, or a time alone; an hour later if not said
        #[arg(long, value_name = "WHEN", requires = "start")]
        end: Option<String>,
        /// Where it is
        #[arg(long, value_name = "TEXT")]
        place: Option<String>,
        /// The page where one takes part or learns more
        #[arg(long, value_name = "URL")]
        link: Option<String>,
        /// Who holds it
        #[arg(long, value_name = "NAME")]
        organizer: Option<String>,
        /// The day that counts as today
        #[arg(long, value_name = "DATE", value_parser = read_date)]
        today: Option<Date>,
    },
}

#[derive(Debug, Args)]
struct Schema {
    /// What the schema is for: site.yaml, the front matter of a page, or a data file
    #[arg(value_enum, value_name = "NAME", required_unless_present = "write")]
    name: Option<crate::schema::Kind>,
    /// Writes all of them into .weekmark/schema/, and tells editors of them
    #[arg(long, conflicts_with = "name")]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum YesNo {
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    Text,
    Json,
    Github,
}

fn read_date(text: &str) -> Result<Date, String> {
    Date::read(text).map_err(|error| format!("{} {}", error.message, error.hint))
}

fn read_year(text: &str) -> Result<i16, String> {
    let year = text.trim().parse().ok().filter(|year| (1583..=9998).contains(year));
    year.ok_or_else(|| "write a year of four digits, such as 2027".into())
}

fn read_base_url(text: &str) -> Result<BaseUrl, String> {
    BaseUrl::read(text)
        .ok_or_else(|| "write the address in full, such as https://example.org/week/".into())
}

/// What a command came to.
enum Outcome {
    Done,
    SiteHasErrors,
    Failed(String),
}

/// Runs the command line. `builtin` are the files of the theme that comes with the program.
pub fn run(builtin: Builtin) -> ExitCode {
    let line = match Line::try_parse() {
        Ok(line) => line,
        Err(error) => {
            let help = !error.use_stderr();
            // A closed pipe is nobody's fault.
            let _ = error.print();
            return ExitCode::from(if help { 0 } else { 2 });
        }
    };
    let outcome = match absolute(&line.root) {
        Err(message) => Outcome::Failed(message),
        Ok(root) => match line.command {
            Command::Serve(arguments) => serve::serve(&root, &arguments, builtin),
            Command::Build(arguments) => build::build(&root, &arguments, builtin),
            Command::Check(arguments) => check::check(&root, &arguments, builtin),
            Command::New(New::Site { dir }) => new::site(&dir),
            Command::New(New::Page { path }) => new::page(&root, &path),
            Command::New(New::Year { year, start, end, today }) => {
                new::year(&root, &new::Year { year, dates: start.zip(end), today }, builtin)
            }
            Command::New(New::Event { title, start, end, place, link, organizer, today }) => {
                let event = new::Event { title, start, end, place, link, organizer, today };
                new::event(&root, &event, builtin)
            }
            Command::Status(arguments) => status::status(&root, &arguments, builtin),
            Command::Schema(arguments) => schema::schema(&root, &arguments),
        },
    };
    match outcome {
        Outcome::Done => ExitCode::SUCCESS,
        Outcome::SiteHasErrors => ExitCode::from(1),
        Outcome::Failed(message) => {
            print::failure(&message);
            ExitCode::from(2)
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "--root is named by a person: is it a folder at all?"
)]
fn absolute(root: &std::path::Path) -> Result<PathBuf, String> {
    match root.canonicalize() {
        Ok(path) if path.is_dir() => Ok(path),
        Ok(_) => Err(format!("{} is a file, not the folder of a site.", root.display())),
        Err(_) => Err(format!("There is no folder {}.", root.display())),
    }
}
