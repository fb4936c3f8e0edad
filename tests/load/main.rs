//! `passerby load`, from outside: against the real service, which must keep all
//! its promises, and against servers that are broken on purpose, of which each
//! must be found out.

#![allow(unreachable_pub)]

mod broken;
mod catches;
mod flags;
mod real;
mod run;
mod service;
mod tls;
mod troubles;
mod wrong;
