//! Keyset conditions that every paged query shares.

use super::DbResult;
use crate::domain::page::{Page, PageRequest};
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect, Select,
};

/// A page inside one parent, by a column of whole numbers that is unique there.
#[derive(Debug, Clone, Copy)]
pub struct PositionRange {
    pub after: Option<i64>,
    pub before: Option<i64>,
}

/// Narrows and orders a query to one page and one row more.
pub fn by_position<E: EntityTrait, C: ColumnTrait>(
    query: Select<E>,
    column: C,
    page: &PageRequest,
    range: PositionRange,
) -> Select<E> {
    let mut query = query;
    if let Some(after) = range.after {
        query = query.filter(column.gt(after));
    }
    if let Some(before) = range.before {
        query = query.filter(column.lt(before));
    }
    let order = if page.backward { Order::Desc } else { Order::Asc };
    query.order_by(column, order).limit(page.limit as u64 + 1)
}

/// The most parts of one compound SELECT: SQLite allows 500.
const MAX_PARTS: usize = 400;

/// The same page inside many parents: one statement, a limited part for each, so that no parent is read whole.
pub async fn for_each_parent<M: FromQueryResult>(
    connection: &impl ConnectionTrait,
    parents: &[i64],
    part: impl Fn(i64) -> SelectStatement,
) -> DbResult<Vec<M>> {
    let mut rows = Vec::new();
    for parents in parents.chunks(MAX_PARTS) {
        let mut parts = parents.iter().map(|parent| {
            Query::select().expr(Expr::col(Asterisk)).from_subquery(part(*parent), Alias::new("page")).take()
        });
        let Some(mut all) = parts.next() else { continue };
        parts.for_each(|each| {
            all.union(UnionType::All, each);
        });
        rows.extend(M::find_by_statement(connection.get_database_backend().build(&all)).all(connection).await?);
    }
    Ok(rows)
}

/// Rows of many parents, read in page direction, to one page a parent.
pub fn group_pages<T, K: Copy + std::hash::Hash + Eq>(
    parents: &[K],
    rows: Vec<T>,
    parent_of: impl Fn(&T) -> K,
    page: &PageRequest,
) -> Vec<(K, Page<T>)> {
    let mut groups: std::collections::HashMap<K, Vec<T>> = std::collections::HashMap::new();
    for row in rows {
        groups.entry(parent_of(&row)).or_default().push(row);
    }
    parents.iter().map(|parent| (*parent, page.page(groups.remove(parent).unwrap_or_default()))).collect()
}

/// `column = value` as a plain expression, for statements built without an entity.
pub fn equals(column: impl ColumnTrait, value: i64) -> sea_orm::sea_query::SimpleExpr {
    Expr::col(column).eq(value)
}
