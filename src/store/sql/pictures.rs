//! Pictures of reports. They stand apart from them: who reads reports reads none.

use super::database::Database;
use super::trouble::{Trouble, unreadable};
use crate::moderation::record::{Picture, PictureKind, ReportId};

const INSERT: &str =
    "INSERT INTO pictures (report, at, kind, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const ONE: &str = "SELECT at, kind, bytes FROM pictures WHERE report = $1";

const JPEG: &str = "jpeg";
const WEBP: &str = "webp";

impl Database {
    pub(super) async fn write_picture(&self, picture: &Picture) -> Result<(), Trouble> {
        let values = [
            picture.report.into(),
            picture.at.into(),
            name(picture.kind).into(),
            picture.bytes.as_slice().into(),
        ];
        let mut transaction = self.begin().await?;
        transaction.execute(INSERT, &values).await?;
        transaction.commit().await
    }

    pub(super) async fn picture(&self, id: ReportId) -> Result<Option<Picture>, Trouble> {
        let Some(row) = self.row(ONE, &[id.into()]).await? else { return Ok(None) };
        let kind = kind(&row.text(1)?)?;
        Ok(Some(Picture { report: id, at: row.time(0)?, kind, bytes: row.bytes(2)? }))
    }
}

const fn name(kind: PictureKind) -> &'static str {
    match kind {
        PictureKind::Jpeg => JPEG,
        PictureKind::Webp => WEBP,
    }
}

fn kind(name: &str) -> Result<PictureKind, Trouble> {
    match name {
        JPEG => Ok(PictureKind::Jpeg),
        WEBP => Ok(PictureKind::Webp),
        _ => Err(unreadable()),
    }
}
