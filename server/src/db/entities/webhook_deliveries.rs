//! Table `webhook_deliveries`: what systems outside are to be told, and how telling them went.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub event_id: i64,
    pub event: String,
    pub dataset_id: i64,
    pub data: String,
    pub happened_at_ms: i64,
    pub url: String,
    pub state: String,
    pub attempts: i64,
    pub last_attempt_at_ms: Option<i64>,
    pub next_attempt_at_ms: Option<i64>,
    pub ended_at_ms: Option<i64>,
    pub status: Option<i64>,
    pub error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
