//! Media on its way in: is a clip whole, what is its poster, is a reference image fit to send.
//! Everything here is sync and path-based (call it from `spawn_blocking`), runs in bounded memory,
//! and believes nothing a file says about itself.

mod boxes;
pub mod container;
mod ebml;
mod fragments;
pub mod known;
mod movie;
mod picture;
pub mod poster;
pub mod reference;
mod riff;
mod samples;
pub mod still;
