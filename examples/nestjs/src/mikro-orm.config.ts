import { ormOptions } from './ormOptions.js';

// Commands that build jobs start the container first; those of MikroORM itself build none and need no container.
export default ormOptions(async JobClass => {
  const { container } = await import('./container.js');
  return container.get(JobClass);
});
