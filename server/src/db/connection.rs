//! Opening the database: one pool to read, one connection to write, because SQLite has one writer.

use super::{DbError, DbResult};
use lightbox_migrations::{Migrator, MigratorTrait};
use sea_orm::sqlx::{self, Connection, SqliteConnection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Rolled back when dropped without `commit`.
pub type Transaction = sea_orm::DatabaseTransaction;

/// What was there at one moment, read in several statements.
pub struct Snapshot {
    transaction: Transaction,
    _turn: OwnedSemaphorePermit,
}

impl Deref for Snapshot {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.transaction
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Database {
    read: DatabaseConnection,
    /// Half of the connections that read: those that read long leave the others to short statements.
    snapshots: Arc<Semaphore>,
    write: DatabaseConnection,
    statements: Arc<AtomicU64>,
    new_migrations: Arc<[String]>,
}

impl Database {
    /// Opens the SQLite file, makes it if it is not there, and brings it to the newest shape.
    ///
    /// # Errors
    /// When the file cannot be opened, or was written by a newer server.
    pub async fn open(file: &Path) -> DbResult<Self> {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let write = sea_orm::Database::connect(writer_options(&url)).await?;
        let new_migrations = names(&Migrator::get_pending_migrations(&write).await?);
        Migrator::up(&write, None).await?;
        Self::with_writer(&url, write, new_migrations).await
    }

    /// Opens the SQLite file in the shape that it has: a server of another version may be using it. [`Self::migrations`]
    /// tells whether it is the newest.
    ///
    /// # Errors
    /// When the file is not there or cannot be opened.
    pub async fn open_as_it_is(file: &Path) -> DbResult<Self> {
        let url = format!("sqlite://{}?mode=rw", file.display());
        let write = sea_orm::Database::connect(writer_options(&url)).await?;
        Self::with_writer(&url, write, Vec::new()).await
    }

    async fn with_writer(url: &str, mut write: DatabaseConnection, new_migrations: Vec<String>) -> DbResult<Self> {
        let readers = std::thread::available_parallelism().map_or(4, |cores| cores.get() as u32 * 2);
        let readers = readers.clamp(4, 16);
        let mut read = sea_orm::Database::connect(options(url, readers)).await?;
        let snapshots = Arc::new(Semaphore::new(readers as usize / 2));
        let statements = Arc::new(AtomicU64::new(0));
        for connection in [&mut read, &mut write] {
            let statements = statements.clone();
            connection.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(Self { read, snapshots, write, statements, new_migrations: new_migrations.into() })
    }

    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single statements; waits for a transaction that is under way.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Takes SQLite's write lock at once: a transaction that reads first and writes later would fail, not wait, when
    /// another process has written in between (`lightbox user create` beside a server).
    pub async fn begin(&self) -> DbResult<Transaction> {
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        Ok(self.write.begin_with_options(options).await?)
    }

    /// What is read inside is of one moment, whatever is written meanwhile. For work that reads a dataset whole: it holds
    /// a connection of the pool, so that it waits for its turn, and what is overwritten meanwhile stays on the disk until
    /// it ends. Who holds one must not ask for another.
    pub async fn begin_read(&self) -> DbResult<Snapshot> {
        let turn = self.snapshots.clone().acquire_owned().await.map_err(|error| DbError::Broken(error.to_string()))?;
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Deferred);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        Ok(Snapshot { transaction: self.read.begin_with_options(options).await?, _turn: turn })
    }

    /// Writes what is there at this moment into a new database file, which has no log beside it.
    pub async fn write_copy(&self, file: &Path) -> DbResult<()> {
        let quoted = file.display().to_string().replace('\'', "''");
        self.read.execute_unprepared(&format!("VACUUM INTO '{quoted}'")).await.map(drop).map_err(DbError::from)
    }

    /// Once nobody uses it any more: everything is in the file itself then, and nothing in a log beside it.
    pub async fn close(self) -> DbResult<()> {
        self.read.close().await?;
        Ok(self.write.close().await?)
    }

    /// SQL statements since the start, for `/metrics`.
    pub fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> DbResult<()> {
        self.read.execute_unprepared("SELECT 1").await.map(drop).map_err(DbError::from)
    }

    /// Names of the migrations applied and of those that are not, in order.
    pub async fn migrations(&self) -> DbResult<(Vec<String>, Vec<String>)> {
        let applied = Migrator::get_applied_migrations(&self.write).await?;
        let pending = Migrator::get_pending_migrations(&self.write).await?;
        Ok((names(&applied), names(&pending)))
    }

    /// Names of the migrations that were applied when this was opened, in order.
    pub fn new_migrations(&self) -> &[String] {
        &self.new_migrations
    }
}

fn names(migrations: &[sea_orm_migration::Migration]) -> Vec<String> {
    migrations.iter().map(|each| each.name().to_owned()).collect()
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(60))
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("foreign_keys", "ON")
                .pragma("busy_timeout", "30000")
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "MEMORY")
        })
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(is_outside_transactions(connection)))
        });
    options
}

fn writer_options(url: &str) -> ConnectOptions {
    let mut options = options(url, 1);
    options.map_sqlx_sqlite_pool_opts(|pool| {
        let pool = pool.after_release(|connection, _| Box::pin(is_outside_transactions(connection)));
        pool.after_connect(|connection, _| Box::pin(require_writable(connection)))
    });
    options
}

/// SQLite's SQLITE_READONLY.
const READ_ONLY: &str = "8";

/// SQLite opens a file to read that it cannot open to write, without a word, and a pool keeps its connections: one that
/// was opened while the disk failed would refuse every change for ever. The pool tries again.
async fn require_writable(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    // Changes nothing, but asks for the right to. Before the first migration the table is not there.
    match sqlx::raw_sql("DELETE FROM seaql_migrations WHERE 0").execute(connection).await {
        Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| code == READ_ONLY) => {
            Err(sqlx::Error::Database(error))
        }
        _ => Ok(()),
    }
}

/// After some errors, a full disk among them, SQLite has rolled the transaction back itself. The driver's own roll-back
/// fails then, and it goes on to count one transaction too many on this connection: what the next ones commit would be
/// acknowledged and never reach the disk. Such a connection is closed, and the pool opens another.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // A roll-back that was only asked for is done before this is answered.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Statement;

    async fn tables(database: &Database) -> Vec<String> {
        let statement = "SELECT name FROM sqlite_master WHERE name LIKE 'made_%' ORDER BY name";
        let rows = database.read().query_all_raw(Statement::from_string(sea_orm::DbBackend::Sqlite, statement)).await;
        rows.unwrap().iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }

    #[tokio::test]
    async fn what_is_written_after_sqlite_rolled_back_by_itself_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("lightbox.db")).await.unwrap();
        let transaction = database.begin().await.unwrap();
        // As SQLite does when the disk is full.
        transaction.execute_unprepared("ROLLBACK").await.unwrap();
        drop(transaction);
        let transaction = database.begin().await.unwrap();
        transaction.execute_unprepared("CREATE TABLE made_never (id INTEGER)").await.unwrap();
        drop(transaction);
        database.write().execute_unprepared("CREATE TABLE made_alone (id INTEGER)").await.unwrap();
        let transaction = database.begin().await.unwrap();
        transaction.execute_unprepared("CREATE TABLE made_inside (id INTEGER)").await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(tables(&database).await, ["made_alone", "made_inside"]);
    }

    #[tokio::test]
    async fn a_migration_that_is_cut_off_leaves_nothing_in_the_way_of_the_next_try() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lightbox.db");
        let other =
            sea_orm::Database::connect(options(&format!("sqlite://{}?mode=rwc", file.display()), 1)).await.unwrap();
        // In the way of the fourth statement of one step.
        other.execute_unprepared("CREATE TABLE annotated_image_labels (id INTEGER)").await.unwrap();
        assert!(Database::open(&file).await.is_err());
        other.execute_unprepared("DROP TABLE annotated_image_labels").await.unwrap();
        Database::open(&file).await.unwrap();
    }
}
