//! `escucha links`: other keys for the links in mails.

use std::path::Path;
use std::process::ExitCode;

use super::args::Links;
use super::open;
use super::terminal::Terminal;
use crate::model::Ui;
use crate::store::Role;

pub(super) async fn links(config: Option<&Path>, ui: Ui, what: &Links) -> anyhow::Result<ExitCode> {
    let settings = open::settings(config, ui, open::Need::Rest)?;
    let store = open::store(&settings, Role::Visitor).await?;
    let ring = store.key_ring().await?;
    let fresh = open::random_hex()?;
    let (next, said) = match what {
        Links::Rotate => (
            ring.rotated(&fresh),
            ui.pick(
                "Los enlaces nuevos llevan otra clave. Los de la anterior valen hasta la próxima vez o \
                 hasta su fecha; los más viejos ya no valen.",
                "New links have another key. Those of the one before hold until the next time or until \
                 their day; older ones hold no longer.",
            ),
        ),
        Links::Revoke => (
            ring.revoked(&fresh),
            ui.pick(
                "Ningún enlace enviado hasta ahora vale ya. Los de los próximos correos, sí.",
                "No link that was sent so far holds any longer. Those of the next mails do.",
            ),
        ),
    };
    anyhow::ensure!(
        store.change_key_ring(&ring, &next).await?,
        ui.pick(
            "otra persona las cambió en ese instante; pruebe de nuevo",
            "somebody else changed them at that moment; try again",
        )
    );
    Terminal::line(said)?;
    Ok(ExitCode::SUCCESS)
}
