//! What a private person's signals tell the partner: addresses in every
//! spelling and every field, and what real browsers write.

mod browsers;
mod hiding;
mod places;
mod secrets;
mod survival;
