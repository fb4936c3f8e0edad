//! People who are connected and do nothing.

use crate::load::peer::{Person, Trouble};

pub(super) async fn play(me: &mut Person) -> Result<(), Trouble> {
    loop {
        me.event(None).await?;
    }
}
