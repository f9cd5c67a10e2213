//! Behaviour of the media floor and of file serving, on real files and real sockets.

mod clips;
mod container;
mod poster;
mod reference;
mod serve;
