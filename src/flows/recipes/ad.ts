import { times } from '../times.ts';
import type { Recipe } from './recipe.ts';

/** Ads after the example of another: one call, and one job a variant. */
export const ad: Recipe = {
  name: 'ad',
  emoji: '📣',
  makes: 'image',
  takesPrompt: true,
  pool: 'ads',
  tool: 'ad',
  generationType: '',
  accepts: (model) => /\bad[-_ ]?(copy|creative)/i.test(`${model.id} ${model.name}`),
  needs: () => [{ kinds: ['image'], min: 1, max: 1, purpose: 'reference' }],
  ownFiles: false,
  listed: () => true,
  start: ({ asked: { prompt, inputs, options } }, { count }) => {
    const product = inputs.find((input) => input.role === 'product');
    return {
      tool: 'ad',
      args: {
        reference_ad_url: inputs.find((input) => input.role === undefined)?.url,
        product_text: prompt,
        ...(product ? { product_image_url: product.url } : {}),
        ...(options.language === undefined ? {} : { language: options.language }),
        ...(options.aspect_ratio === undefined ? {} : { aspect_ratio: options.aspect_ratio }),
        variant_count: count,
      },
    };
  },
  follow: 'media',
  isInHistory: true,
  patience: times.paidCall,
};
