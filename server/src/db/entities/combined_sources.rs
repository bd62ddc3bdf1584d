//! Table `combined_sources`: what combined datasets were made from.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "combined_sources")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub dataset_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    pub source_dataset_id: i64,
    pub source_dataset_name: String,
    pub annotation_set_id: Option<i64>,
    pub annotation_set_name: Option<String>,
    pub image_count: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
