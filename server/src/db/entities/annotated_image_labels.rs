//! Table `annotated_image_labels`: which images of a set carry which label.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "annotated_image_labels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub annotation_set_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub label_position: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
