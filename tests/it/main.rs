//! Rushes from the outside: real sockets, a real SQLite file, a fake upstream that speaks the wire.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod animatic;
mod app;
mod media;
mod openai;
mod page;
#[expect(dead_code, reason = "the fake knows more faults and questions than today's tests use")]
mod upstream;
mod upstream_speaks;

mod create;
