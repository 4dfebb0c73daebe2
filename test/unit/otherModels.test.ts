import { expect, test } from 'vitest';
import { modelsSchema } from '../../src/kubeez/answers.ts';
import { type Model, modelOf } from '../../src/kubeez/model.ts';
import { fitOptions } from '../../src/requests/options.ts';
import { cheaperModels, modelsThatCan } from '../../src/requests/otherModels.ts';
import { someFlow, someModel, someQuote } from '../flows.ts';

const picture = (id: string, price: number, changes: Partial<Model> = {}): Model => {
  const row = { model_id: id, model_type: 'image', cost_per_generation: price, generation_types: ['text-to-image'] };
  const [model] = modelsSchema.parse([row]).map(modelOf);
  if (!model) throw new Error('no row');
  return { ...model, ...changes };
};
const own = picture(someModel.id, 7);
const ids = (models: Model[]) => models.map(({ id }) => id);

test('models are offered that make the same with the words and files that are there', () => {
  const files = [{ url: 'https://media.example/1.png', kind: 'image' as const, name: 'one.png' }];
  const all = [
    own,
    picture('fits', 9),
    picture('background-remover', 1),
    picture('short', 2, { promptMax: 5 }),
    picture('clip', 2, { type: 'video', generationTypes: ['text-to-video'] }),
    picture('one-file', 3, {
      generationTypes: ['image-to-image'],
      inputKinds: ['image'],
      inputsMax: { image: 1, video: 0, audio: 0 },
    }),
    picture('two-files', 4, {
      generationTypes: ['image-to-image'],
      inputKinds: ['image'],
      inputsMax: { image: 2, video: 0, audio: 0 },
    }),
  ];
  expect(ids(modelsThatCan(someFlow(), all))).toEqual([someModel.id, 'fits']);
  expect(ids(modelsThatCan(someFlow(), all, new Map([['fits', 3]])))).toEqual(['fits', someModel.id]);
  const edit = (inputs: typeof files) => someFlow({ recipe: 'edit', asked: { inputs } });
  expect(ids(modelsThatCan(edit(files), all))).toEqual(['one-file', 'two-files']);
  expect(ids(modelsThatCan(edit([...files, ...files]), all))).toEqual(['two-files']);
  // Its tool takes no model.
  expect(modelsThatCan(someFlow({ recipe: 'speech' }), all)).toEqual([]);
});

test('cheaper models cost less than the price that was quoted, and no more than what is left', () => {
  const all = [own, picture('dearer', 9), picture('cheap', 2), picture('cheapest', 1), picture('same', 7)];
  expect(ids(cheaperModels(someFlow({ money: { quote: someQuote } }), all))).toEqual(['cheapest', 'cheap']);
  const tooDear = { code: 'insufficient' as const, price: 7, balance: 1 };
  expect(ids(cheaperModels(someFlow({ stage: 'failed', shown: { reason: tooDear } }), all))).toEqual(['cheapest']);
  // Where both are only estimated, one list price is compared with the other.
  const estimated = all.map((model) => ({ ...model, qualities: ['low', 'high'] }));
  const dear = someFlow({ money: { quote: { ...someQuote, credits: 80, balance: 900 } } });
  expect(ids(cheaperModels(dear, estimated))).toEqual(['cheapest', 'cheap']);
});

test('options become what the other model takes: the same, the nearest, the usual, or nothing; and it says which', () => {
  const other = picture('other', 2, {
    aspects: ['1:1', '3:2', '9:16'],
    durations: ['5s', '10s'],
    resolutions: ['720p', '1080p'],
  });
  const asked = {
    aspect_ratio: '16x9',
    duration: '6s',
    resolution: '2K',
    quality: 'high',
    seed: 7,
    negative_prompt: 'fog',
  };
  expect(fitOptions(other, asked, [])).toEqual({
    options: { aspect_ratio: '3:2', duration: '5s', resolution: '1080p', seed: 7, negative_prompt: 'fog' },
    adjusted: [
      { option: 'aspect_ratio', from: '16x9', to: '3:2' },
      { option: 'duration', from: '6s', to: '5s' },
      { option: 'resolution', from: '2K', to: '1080p' },
      { option: 'quality', from: 'high', to: null },
    ],
  });
  expect(fitOptions(other, { aspect_ratio: '9x16', duration: '5' }, []).adjusted).toEqual([]);
  expect(fitOptions({ ...other, isSilent: true }, { sound: true }, [])).toMatchObject({
    options: { aspect_ratio: '1:1' },
    adjusted: [{ option: 'sound', from: 'true', to: null }],
  });
  expect(fitOptions({ ...other, sound: 'toggle' }, {}, []).options.sound).toBe(false);
});
