//! The pool of people who wait: its rules in small scenes, against a naive
//! model, in a million seeded operations, and how much it looks at.

#![allow(unreachable_pub)]

mod examined;
mod million;
mod model;
mod rules;
#[path = "../shared/seed.rs"]
mod seed;
mod support;
mod world;
