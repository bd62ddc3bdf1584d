//! Table `audit_events`: who did what; rows are never changed or removed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub happened_at_ms: i64,
    pub action: String,
    pub user_id: Option<i64>,
    pub user_name: String,
    pub credential: Option<String>,
    pub address: Option<String>,
    pub dataset_id: Option<i64>,
    pub dataset_name: Option<String>,
    pub details: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
