//! weekmark turns a folder of Markdown into the website of an awareness week.
//!
//! ```text
//! files ──► Doc ──► Site ──► Plan ──► outputs ──► public/      one way only
//! source    parse   model    plan     render      write        pass = these, in order
//!              ▲                       │ asks through view, which records
//!            theme (components)        └ theme (templates)
//! ```
//!
//! [`pass::pass`] is the whole program: a build calls it once, the preview in a loop.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs))]

pub mod audit;
pub mod cache;
pub mod calendar;
pub mod campaign;
pub mod cli;
pub mod color;
pub mod config;
pub mod diag;
pub mod external;
pub mod fingerprint;
pub mod gallery;
pub mod headers;
pub mod ics;
pub mod memo;
pub mod model;
pub mod parse;
pub mod pass;
pub mod picture;
pub mod plan;
pub mod render;
pub mod schema;
pub mod search;
pub mod serve;
pub mod slug;
pub mod source;
pub mod theme;
pub mod tree;
pub mod view;
pub mod write;
pub mod yaml;
