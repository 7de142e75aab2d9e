/**
 * Draws the blocks of a message, a modal or the Home tab.
 *
 * @import { KnownBlock } from '@slack/types'
 * @import { PageBlock } from '../../slack/page-api.ts'
 * @import { Surface } from '../surface.js'
 */
import { h } from '../dom.js';
import { keepInStep } from '../keyed.js';
import { renderRichText } from '../rich-text.js';
import { renderAlert, renderContainer } from './container.js';
import { renderCard, renderCarousel } from './card.js';
import { renderDataTable } from './data-table.js';
import { renderImage } from './image.js';
import { renderInput } from './input.js';
import { renderMarkdown } from './markdown.js';
import { renderPlan, renderTask } from './plan.js';
import { renderActions, renderContext, renderHeader, renderSection } from './section.js';
import { renderTable } from './table.js';
import { printOf, withDrawnOnes } from './same-block.js';

/**
 * Brings a holder in line with the blocks, leaving those alone that did not change.
 *
 * @param {HTMLElement} holder
 * @param {readonly PageBlock[]} blocks
 * @param {Surface} surface
 * @param {string} [path] of the block around them
 */
export function showBlocks(holder, blocks, surface, path = '') {
  holder.classList.add('blocks');
  keepInStep(holder, withDrawnOnes(holder, blocks), {
    key: (block, i) => `${path}/${i}:${block.type}`,
    // An input block also shows what the app found wrong with it.
    print: (block) => JSON.stringify([printOf(block), surface.memory.errors[block.block_id]]),
    render: (block, i, previous) =>
      renderBlock(
        /** @type {KnownBlock} */ (/** @type {unknown} */ (block)),
        surface,
        `${path}/${i}:${block.type}`,
        previous,
      ),
  });
}

/**
 * @param {KnownBlock} block
 * @param {Surface} surface
 * @param {string} path
 * @param {HTMLElement | undefined} previous
 * @returns {HTMLElement}
 */
function renderBlock(block, surface, path, previous) {
  switch (block.type) {
    case 'section':
      return renderSection(block, surface);
    case 'header':
      return renderHeader(block, surface);
    case 'divider':
      return h('hr', { class: 'divider' });
    case 'context':
      return renderContext(block, surface);
    case 'actions':
    case 'context_actions':
      return renderActions(block, surface);
    case 'image':
      return renderImage(block, surface, path);
    case 'rich_text':
      return renderRichText(block, surface.names);
    case 'markdown':
      return renderMarkdown(block.text);
    case 'plan':
      return renderPlan(block, surface, path, previous);
    case 'task_card':
      return h('div', { class: 'plan' }, renderTask(block, surface, path));
    case 'table':
      return renderTable(block, surface);
    case 'data_table':
      return renderDataTable(block, surface, path);
    case 'container': {
      const children = h('div');
      showBlocks(
        children,
        /** @type {PageBlock[]} */ (/** @type {unknown} */ (block.child_blocks)),
        surface,
        path,
      );
      return renderContainer(block, surface, path, children);
    }
    case 'card':
      return renderCard(block, surface);
    case 'carousel':
      return renderCarousel(block, surface);
    case 'alert':
      return renderAlert(block, surface);
    case 'input':
      return renderInput(block, surface);
    case 'file':
    case 'video':
      return h('p', { class: 'unsupported' }, `This local Slack shows no ${block.type} blocks.`);
    default:
      return block;
  }
}
