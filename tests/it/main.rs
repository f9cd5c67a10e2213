//! Rushes from the outside: real sockets, a real SQLite file, a fake upstream that speaks the wire.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "servers of the tests end with their test")]

mod animatic;
mod api;
mod app;
mod browser;
mod media;
mod openai;
mod page;
mod preview;
#[expect(dead_code, reason = "the fake knows more faults and questions than today's tests use")]
mod upstream;
mod upstream_speaks;

mod boards;
mod coach;
mod config;
mod confined;
mod create;
mod cutting;
mod desk;
mod downloads;
mod faults;
mod floors;
mod full;
mod helping;
mod hostile;
mod import;
mod inputs;
mod invariants;
mod keep;
mod keeping;
mod kills;
mod library;
mod line;
mod listening;
mod load;
mod lost;
mod machine;
mod patience;
mod plans;
mod planted;
mod reliability;
mod restart;
mod simulation;
mod states;
mod teams;
mod time;
mod truth;
mod uploads;
mod watch;
mod web;
